"""Downloads through the deployed edge: as long as they take, never asked for twice; all else keeps its deadline.

Behind the edge stands no server of ours but one that answers as slowly as a test wants; the deadlines of every other
answer are made a second, so that nobody waits for a minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.edge import Edge

EXPORT = "/api/v1/privacy/exports/0c7c8c9e-5f0e-4a3a-9a2e-8d0d1f3b5a11/file"
DOWNLOADS = (EXPORT, "/api/v1/audit/export.csv", "/api/v1/audit/export.jsonl")
OTHERS = ("/api/v1/audit", "/api/v1/privacy/exports/0c7c8c9e-5f0e-4a3a-9a2e-8d0d1f3b5a11", f"{EXPORT}/more")
SECONDS = 2.5
DATA = b"0123456789"


class Slow(BaseHTTPRequestHandler):
    """Answers `?flowing` a byte at a time, `?paused` after a silence in its midst, `?broken` not at all."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/health/live":
            self._begin(len(DATA))
            self.wfile.write(DATA)
            return
        self.asked.append(self.path)
        if parts.query == "broken":
            self.close_connection = True
            return
        self._begin(len(DATA))
        pauses = [SECONDS] if parts.query == "paused" else [SECONDS / len(DATA)] * len(DATA)
        for place in range(len(DATA)):
            self.wfile.write(DATA[place : place + 1])
            self.wfile.flush()
            if place < len(pauses):
                time.sleep(pauses[place])

    def _begin(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test tells what went wrong."""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    Slow.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    value = Edge(tmp_path_factory.mktemp("edge") / "envoy")
    try:
        yield value.start(server.server_port, ANSWER_SECONDS="1", STILL_SECONDS="1")
    finally:
        value.stop()
        server.shutdown()
        server.server_close()


def get(edge: Edge, path: str) -> httpx.Response:
    return httpx.get(f"{edge.url}{path}", verify=edge.tls(), timeout=30)


@pytest.mark.parametrize("path", DOWNLOADS)
@pytest.mark.parametrize("how", ["flowing", "paused"])
def test_a_download_takes_longer_than_any_other_answer_may(edge: Edge, path: str, how: str) -> None:
    started = time.monotonic()
    answer = get(edge, f"{path}?{how}")
    assert (answer.status_code, answer.content) == (200, DATA)
    assert time.monotonic() - started > 2


@pytest.mark.parametrize("path", OTHERS)
@pytest.mark.parametrize("how", ["flowing", "paused"])
def test_any_other_answer_is_cut_off_at_its_deadline(edge: Edge, path: str, how: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        get(edge, f"{path}?{how}")


def test_a_download_that_broke_off_is_not_asked_for_again(edge: Edge) -> None:
    for path in (*DOWNLOADS, *OTHERS):
        assert get(edge, f"{path}?broken").status_code >= 500
    asked = [Slow.asked.count(f"{path}?broken") for path in (*DOWNLOADS, *OTHERS)]
    assert asked[: len(DOWNLOADS)] == [1] * len(DOWNLOADS)
    assert all(times > 1 for times in asked[len(DOWNLOADS) :])
