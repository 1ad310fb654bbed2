"""What it costs to be observed: a span without and with a collector, a counted value, and a line of the log.

Each figure is the time of a thousand, so that its milliseconds are microseconds of one.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr

from bench.measure import Series, publish
from bizosaas_app.gateway import metrics
from bizosaas_app.kernel import log, tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.settings import Settings
from tests.support.collector import collecting
from tests.support.servers import free_port

ROUNDS = 30
A_THOUSAND = 1000
LIMIT_MS = 1.0
"""The median of a thousand spans where nothing is traced."""


def _span() -> None:
    with tracing.span("users.list", {"bizosaas.channel": "http"}) as span:
        span.set_attribute("bizosaas.outcome", "ok")


def _count() -> None:
    metrics.observe_operation("users.list", "http", "ok", 0.004)


def _timed(name: str, work: Callable[[], None]) -> Series:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(A_THOUSAND):
            work()
        seconds.append(time.perf_counter() - started)
    return Series(name, seconds)


def main() -> int:
    """Measure them all; give 1 when tracing that is off costs more than a microsecond a span."""
    off = _timed("1000 spans, no collector", _span)
    with collecting() as collector, tracing.running(Settings(otlp_endpoint=collector.url)):
        on = _timed("1000 spans, collected", _span)
    away = Settings(otlp_endpoint=f"http://127.0.0.1:{free_port()}", otlp_timeout_seconds=0.5)
    with tracing.running(away):
        lost = _timed("1000 spans, collector away", _span)
    counted = _timed("1000 operations counted", _count)
    with redirect_stderr(io.StringIO()):
        log.configure_logging(as_json=True)
        line = log.get_logger("bench")
        actor = Actor(tenant_id=new_id(), user_id=new_id(), request_id="bench")
        with log.carrying(actor):
            told = _timed(
                "1000 lines of requests", lambda: line.info("request", method="GET", route="/x", status=200, ms=4.2)
            )
    publish("observing", "To be observed (ms a thousand, so µs each)", [off, on, lost, counted, told])
    return int(off.at(50) > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
