"""Spans that a library opens by itself, by our rules: no text of an error, and a stranger's trace is only linked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from bizosaas_app.kernel.tracing import Attributes, Span, Tracing

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.context import Context

_BACKGROUND: Final = "reflex.event.background"
"""The attribute by which Reflex says so."""


class Guests:
    """A provider of tracers, and the one tracer that it provides."""

    def __init__(self, traced: Tracing) -> None:
        self._tracing = traced

    def get_tracer(self, *_: Any, **__: Any) -> Guests:
        """Give the tracer, whoever asks."""
        return self

    def force_flush(self, timeout_millis: int = 5000) -> bool:
        """Send what waits."""
        return self._tracing.provider.force_flush(timeout_millis)

    @contextmanager
    def start_as_current_span(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind | None = None,
        attributes: Attributes | None = None,
        **_: Any,
    ) -> Iterator[Span]:
        """Open a span for as long as the block lasts.

        One that works in the background, as what keeps a page up to date, may last for as long as the page is open. It
        ends at once, and what is done within makes traces of its own: no trace grows for hours.
        """
        place = self._tracing.beneath(context, is_trusted=False)
        opened = self._tracing.open(name, kind.name.lower() if kind else "internal", attributes, **place)
        if (attributes or {}).get(_BACKGROUND):
            with opened as span:
                pass
            with self._tracing.apart():
                yield span
            return
        with opened as span:
            yield span
