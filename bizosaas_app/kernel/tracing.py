"""Traces: what a request, an event of the UI, a job or a run did, and where its time went, sent by OpenTelemetry.

Without a collector in the settings nothing of the library is even loaded, and a `span` costs next to nothing. With one,
ended spans wait in a bounded queue for a thread that sends them in batches: a collector that is slow or away loses us
spans, never a request.

Attributes are names and ids. No text of an error is kept, since it may quote what somebody wrote; only its type.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.settings import Settings

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

Kind: TypeAlias = Literal["internal", "server", "client", "consumer"]
Attributes: TypeAlias = Mapping[str, str | int | float | bool]

_OUR_FAULT: Final = 500


class Span(Protocol):
    """What may be added to a span while it is open."""

    def set_attribute(self, key: str, value: Any) -> None:
        """Add an attribute."""

    def update_name(self, name: str) -> None:
        """Give it another name."""


class _NoSpan:
    """Stands for a span where nothing is traced."""

    __slots__ = ()

    def set_attribute(self, key: str, value: Any) -> None:
        pass

    def update_name(self, name: str) -> None:
        pass

    def __enter__(self) -> Span:
        return self

    def __exit__(self, *_: object) -> None:
        pass


_NOTHING: Final = _NoSpan()


class _Open:
    """A span for as long as a block lasts; it is the parent of what begins within."""

    __slots__ = ("_span", "_token", "_tracing")

    def __init__(self, tracing: Tracing, span: trace.Span) -> None:
        self._tracing = tracing
        self._span = span

    def __enter__(self) -> Span:
        self._token = self._tracing.enter(self._span)
        return self._span

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        self._tracing.leave(self._token)
        if error is not None:
            self._tracing.mark(self._span, error)
        self._span.end()


class Tracing:
    """The spans of a process that has a collector. Loads the library."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import context, trace  # noqa: PLC0415  # only where there is a collector
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        self.provider = provider
        self._context, self._trace = context, trace
        self._tracer = provider.get_tracer("bizosaas")
        self._propagator = TraceContextTextMapPropagator()
        self._kinds: dict[str, trace.SpanKind] = {kind.name.lower(): kind for kind in trace.SpanKind}

    def start(self, name: str, kind: str, attributes: Attributes | None, **more: Any) -> trace.Span:
        """Begin a span beneath the present one, or beneath `context`."""
        return self._tracer.start_span(name, kind=self._kinds[kind], attributes=attributes, **more)

    def open(self, name: str, kind: str, attributes: Attributes | None, **more: Any) -> _Open:
        """Give the span as a block."""
        return _Open(self, self.start(name, kind, attributes, **more))

    def arrive(self, name: str, kind: Kind, attributes: Attributes, traceparent: str, *, is_trusted: bool) -> _Open:
        """Begin what a request or a job asks for; see `serving` and `following`."""
        return self.open(name, kind, attributes, **self.beneath(self.told(traceparent), is_trusted=is_trusted))

    def told(self, traceparent: str) -> Context:
        """Give the context that a header of W3C Trace Context tells of; an empty one where it tells of none."""
        return self._propagator.extract({"traceparent": traceparent}, context=self._context.Context())

    def beneath(self, context: Context | None, *, is_trusted: bool) -> dict[str, Any]:
        """Say under what a span begins: one from outside that is not trusted is linked, and a new trace begins."""
        parent = self._trace.get_current_span(context).get_span_context()
        if is_trusted or not (parent.is_valid and parent.is_remote):
            return {"context": context}
        return {"context": self._context.Context(), "links": [self._trace.Link(parent)]}

    def enter(self, span: trace.Span) -> Any:
        """Make the span the present one; gives what `leave` wants."""
        return self._context.attach(self._trace.set_span_in_context(span))

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Have no span be the present one for as long as the block lasts."""
        token = self._context.attach(self._context.Context())
        try:
            yield
        finally:
            self._context.detach(token)

    def leave(self, token: Any) -> None:
        """Let the span before be the present one again."""
        self._context.detach(token)

    def mark(self, span: trace.Span, error: BaseException) -> None:
        """Note on a span how its block ended; what a caller did wrong, or gave up, is no fault of the span."""
        if isinstance(error, AppError):
            span.set_attribute("error.type", error.code)
            if error.status < _OUR_FAULT:
                return
        elif isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            return
        else:
            span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(self._trace.StatusCode.ERROR)

    def fault(self, span: Any, word: str) -> None:
        """See `fault` of the module."""
        span.set_attribute("error.type", word)
        span.set_status(self._trace.StatusCode.ERROR)

    @property
    def present(self) -> trace.SpanContext:
        """The ids of the present span; not valid when there is none."""
        return self._trace.get_current_span().get_span_context()


_current: Tracing | None = None


def current() -> Tracing | None:
    """Give the process's tracing; None without a collector."""
    return _current


def span(name: str, attributes: Attributes | None = None, *, kind: Kind = "internal") -> AbstractContextManager[Span]:
    """Open a span for as long as the block lasts. The name is one of few; what differs goes into attributes."""
    return _NOTHING if _current is None else _current.open(name, kind, attributes)


def serving(
    name: str, attributes: Attributes, *, traceparent: str = "", is_trusted: bool = False
) -> AbstractContextManager[Span]:
    """Open the span of a request that has arrived.

    The trace goes on that a trusted proxy tells of in `traceparent`. A stranger's is only linked: it could not be told
    from others' that a stranger chose to name alike, and its flag would decide what we keep.
    """
    if _current is None:
        return _NOTHING
    return _current.arrive(name, "server", attributes, traceparent, is_trusted=is_trusted)


def following(name: str, attributes: Attributes, *, traceparent: str) -> AbstractContextManager[Span]:
    """Open the span of work that was left to be done later: a trace of its own, linked to the span that left it.

    The work may begin days after, and many times, so it is no part of that trace. A `traceparent` that tells of none
    leaves the link out.
    """
    if _current is None:
        return _NOTHING
    return _current.arrive(name, "consumer", attributes, traceparent, is_trusted=False)


def inside(name: str, attributes: Attributes | None = None) -> AbstractContextManager[Span]:
    """Open the span of a call to an engine, if it is a part of something: what loops ask every few seconds is none."""
    if _current is None or not _current.present.is_valid:
        return _NOTHING
    return _current.open(name, "client", attributes)


def fault(span: Span, word: str) -> None:
    """Note on a span that it went wrong, in a word of ours."""
    if _current is not None:
        _current.fault(span, word)


def traceparent() -> str:
    """Give the present span as the header of W3C Trace Context, for another system or a job; empty without one."""
    present = _current.present if _current is not None else None
    if present is None or not present.is_valid:
        return ""
    return f"00-{present.trace_id:032x}-{present.span_id:016x}-{present.trace_flags:02x}"


def add_ids(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the present span's ids to a line of the log; a processor of structlog."""
    if _current is not None and (present := _current.present).is_valid:
        event["trace_id"], event["span_id"] = f"{present.trace_id:032x}", f"{present.span_id:016x}"
    return event


@contextmanager
def running(settings: Settings) -> Iterator[Tracing | None]:
    """Trace for as long as the block lasts, if the settings name a collector; what waits at the end is sent."""
    global _current  # noqa: PLW0603  # one in a process; this is the only place that sets it
    if settings.otlp_endpoint is None:
        yield None
        return
    from bizosaas_app.kernel import trace_sending  # noqa: PLC0415  # it loads the whole library

    provider = trace_sending.provider(settings)
    _current = Tracing(provider)
    try:
        yield _current
    finally:
        _current = None
        # The library tries a collector that is away for longer than a process that ends may wait.
        last = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(settings.otlp_timeout_seconds)
