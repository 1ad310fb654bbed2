"""A collector of traces: takes OTLP over HTTP on a real socket and keeps the spans."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: list[str]
    """The traces that it is linked to."""
    linked_spans: list[str]
    status: int
    events: int


@dataclass
class Collector:
    """What has arrived; `paths` and `headers` tell how."""

    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    headers: list[dict[str, str]] = field(default_factory=list)
    resource: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""

    def wait_for(self, name: str, *, seconds: float = 60) -> Seen:
        """Give the latest span of the name, once there is one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.named(name)
            if found:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(f"no span {name}; there are {sorted({span.name for span in self.spans})}")

    def wait_beneath(self, span: Seen, names: set[str], *, seconds: float = 60) -> None:
        """Wait until spans of these names stand beneath the span: batches come apart."""
        deadline = time.monotonic() + seconds
        while not names <= (found := {item.name for item in self.beneath(span)}):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def named(self, name: str) -> list[Seen]:
        return [span for span in self.spans if span.name == name]

    def above(self, span: Seen) -> list[str]:
        """Name what the span stands beneath, from its parent up to the root."""
        by_id = {item.span_id: item for item in self.spans if item.trace_id == span.trace_id}
        names = []
        while span.parent_id in by_id:
            span = by_id[span.parent_id]
            names.append(span.name)
        return names

    def beneath(self, span: Seen) -> list[Seen]:
        """Give all that stands beneath the span."""
        return [
            item
            for item in self.spans
            if item.trace_id == span.trace_id and item is not span and span.name in self.above(item)
        ]

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        self.raw += body
        for resource in request.resource_spans:
            self.resource = {pair.key: _value(pair.value) for pair in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans.extend(map(_seen, scope.spans))


@contextmanager
def collecting() -> Iterator[Collector]:
    """Collect on a free port of loopback for as long as the block lasts."""
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            kept.paths.add(self.path)
            kept.headers.append({name.lower(): value for name, value in self.headers.items()})
            kept.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _seen(span: Any) -> Seen:
    return Seen(
        name=span.name,
        kind=span.kind,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes={pair.key: _value(pair.value) for pair in span.attributes},
        links=[link.trace_id.hex() for link in span.links],
        linked_spans=[link.span_id.hex() for link in span.links],
        status=span.status.code,
        events=len(span.events),
    )


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
