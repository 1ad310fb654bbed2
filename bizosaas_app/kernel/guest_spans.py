"""Spans that a library opens by itself, by our rules: no text of an error, and a stranger's trace is only linked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bizosaas_app.kernel.tracing import Attributes, Span, Tracing

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.context import Context


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
        """Open a span for as long as the block lasts."""
        place = self._tracing.beneath(context, is_trusted=False)
        with self._tracing.open(name, kind.name.lower() if kind else "internal", attributes, **place) as span:
            yield span
