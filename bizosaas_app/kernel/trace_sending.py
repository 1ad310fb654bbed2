"""Sending traces by OTLP over HTTP: a bounded queue, a thread, batches. Loaded only where there is a collector."""

from __future__ import annotations

import logging
import os
import socket
import time
from typing import Final
from urllib.parse import unquote

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from bizosaas_app.kernel.settings import Settings

QUEUE_SPANS: Final = 4096
"""Ended spans that wait to be sent; what comes beyond is dropped, since memory is worth more."""
BATCH_SPANS: Final = 512
DELAY_SECONDS: Final = 2.0
SELDOM_SECONDS: Final = 60.0
_TALKERS: Final = ("opentelemetry.sdk._shared_internal", "opentelemetry.exporter.otlp.proto.http.trace_exporter")


class _Seldom(logging.Filter):
    """Lets the same words of the library through once a minute: a collector that is away is worth no flood of lines."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the record is to be written."""
        now = time.monotonic()
        if now - self._said.get(str(record.msg), -SELDOM_SECONDS) < SELDOM_SECONDS:
            return False
        self._said[str(record.msg)] = now
        return True


def provider(settings: Settings) -> TracerProvider:
    """Give what makes spans and sends them; the settings name a collector."""
    for name in _TALKERS:
        logging.getLogger(name).filters[:] = [_Seldom()]
    exporter = OTLPSpanExporter(
        endpoint=f"{str(settings.otlp_endpoint).rstrip('/')}/v1/traces",
        headers=_headers(settings),
        timeout=settings.otlp_timeout_seconds,
    )
    made = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
        resource=Resource.create(
            {
                "service.name": settings.service_name,
                "service.instance.id": f"{socket.gethostname()}-{os.getpid()}",
                "deployment.environment.name": settings.env,
            }
        ),
        span_limits=SpanLimits(max_attributes=40, max_events=8, max_links=4, max_attribute_length=2000),
        shutdown_on_exit=False,
    )
    made.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=QUEUE_SPANS,
            max_export_batch_size=BATCH_SPANS,
            schedule_delay_millis=DELAY_SECONDS * 1000,
            export_timeout_millis=settings.otlp_timeout_seconds * 1000,
        )
    )
    return made


def _headers(settings: Settings) -> dict[str, str]:
    """Give the headers as OpenTelemetry writes them in its variable: `name=value` pairs, URL-encoded."""
    if settings.otlp_headers is None:
        return {}
    pairs = (part.partition("=") for part in settings.otlp_headers.get_secret_value().split(",") if "=" in part)
    return {unquote(name).strip().lower(): unquote(value).strip() for name, _, value in pairs}
