"""A served application with a collector: events of pages are traces of their own, and lines of the log name them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.attack.test_sockets import ADMIN_LOAD
from tests.support.collector import Collector, Seen, collecting
from tests.support.servers import Server
from tests.support.tabs import PASSWORD, log_in, open_tab

ENTER = "reflex___state____state.state___session____session_state.enter"
THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as kept:
        yield kept


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("traced") / "data", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    yield server.start()
    server.stop()


def theirs(collector: Collector) -> Seen:
    """Give the span that tells of the browser's trace; the tab's own first load may come beside it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for span in collector.named(ENTER):
            if span.links == [THEIRS]:
                return span
        time.sleep(0.05)
    raise AssertionError([span.links for span in collector.named(ENTER)])


async def test_an_event_of_a_page_is_a_trace_named_by_its_handler(traced: Server, collector: Collector) -> None:
    cookie, _ = log_in(traced, "admin@acme.demo")
    async with open_tab(traced, cookie=cookie, path="/admin") as tab:
        router = {"pathname": "/admin", "asPath": "/admin", "query": {}}
        event: dict[str, Any] = {"name": ENTER, "payload": {}, "router_data": router}
        event["traceparent"] = f"00-{THEIRS}-00f067aa0ba902b7-01"
        collector.spans.clear()
        await tab.client.emit("event", event, namespace="/_event")
        span = await asyncio.to_thread(theirs, collector)
        assert span.parent_id == ""
        await asyncio.to_thread(collector.wait_beneath, span, {"overview.frame", "transaction", "SELECT", "EVALSHA"})

        # What keeps a page up to date goes on for as long as the page is open; its trace does not.
        await tab.send(ADMIN_LOAD, "/admin")
        span = await asyncio.to_thread(collector.wait_for, ADMIN_LOAD)
        listed = await asyncio.to_thread(collector.wait_for, "users.list")
        assert collector.beneath(span) == []
        assert (listed.parent_id, bool(collector.beneath(listed))) == ("", True)
    for secret in (PASSWORD, cookie.partition("bz_access=")[2][:60], tab.token, "admin@acme.demo"):
        assert secret.encode() not in collector.raw


async def test_the_lines_of_a_request_name_it_its_people_and_its_trace(traced: Server, collector: Collector) -> None:
    _, bearer = log_in(traced, "client@acme.demo")
    headers = {"Authorization": f"Bearer {bearer}", "X-Request-ID": "a-request-of-mine"}
    answer = httpx.get(f"{traced.url}/api/v1/auth/me?token={bearer}", headers=headers, timeout=30)
    me = answer.json()
    await asyncio.to_thread(collector.wait_for, "GET /api/v1/auth/me")
    text = COLOURS.sub("", traced.log.read_text(errors="replace"))
    (line,) = [line for line in text.splitlines() if "a-request-of-mine" in line]
    fields = dict(re.findall(r"(\w+)=(\S+)", line))
    assert (fields["method"], fields["route"], fields["status"]) == ("GET", "/api/v1/auth/me", "200")
    user = me.get("user", me)
    assert (fields["user_id"], fields["tenant_id"]) == (user["id"], user["tenant_id"])
    trace = next(s for s in collector.spans if s.attributes.get("bizosaas.request_id") == "a-request-of-mine")
    assert (fields["trace_id"], fields["span_id"]) == (trace.trace_id, trace.span_id)
    assert bearer not in text
    assert PASSWORD not in text
