"""Traces: a call is one tree over gateway, database and Valkey; strangers start none of ours; nothing leaks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from bizosaas_app.gateway import job_runner
from bizosaas_app.gateway.job_table import TASKS
from bizosaas_app.kernel import trace_sending, tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.tenants import records
from tests.support.api import ADDRESS, api_client
from tests.support.collector import Collector, Seen, collecting
from tests.support.servers import free_port
from tests.support.world import PASSWORD, World

BOARDS = "/api/v1/gamification/leaderboards"
THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = {"traceparent": f"00-{THEIRS}-00f067aa0ba902b7-01"}
INTERNAL, SERVER, CLIENT, CONSUMER, ERROR = 1, 2, 3, 5, 2


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as kept:
        yield kept


def _settings(world: World, collector: Collector, **changes: Any) -> Settings:
    return world.resources.settings.model_copy(update={"otlp_endpoint": collector.url, **changes})


def _one(spans: list[Seen]) -> Seen:
    (span,) = spans
    return span


async def test_a_call_is_one_tree_over_gateway_database_and_valkey(world: World, collector: Collector) -> None:
    mia = await world.sign_in("mia@acme.example")
    settings = _settings(world, collector, service_name="brain")
    with tracing.running(settings):
        async with api_client(settings, headers={**mia.headers, "X-Request-ID": "mine"}) as client:
            assert (await client.get(f"{BOARDS}?limit=7")).status_code == 200
    root = collector.wait_for(f"GET {BOARDS}")
    assert (root.kind, root.parent_id, root.status) == (SERVER, "", 0)
    assert root.attributes == {
        "http.request.method": "GET",
        "http.route": BOARDS,
        "http.response.status_code": 200,
        "bizosaas.request_id": "mine",
        "bizosaas.tenant_id": str(world.tenants["acme-corp"]),
        "bizosaas.user_id": str(world.people["mia@acme.example"]),
    }
    assert {span.trace_id for span in collector.spans} == {root.trace_id}
    operation = _one(collector.named("leaderboards.list"))
    assert collector.above(operation) == [root.name]
    valkey = [span for span in collector.spans if span.attributes.get("db.system.name") == "valkey"]
    assert {span.kind for span in valkey} == {CLIENT}
    assert any(collector.above(span) == [root.name] for span in valkey)
    inner = [span for span in collector.named("transaction") if "leaderboards.list" in collector.above(span)]
    assert inner[0].attributes["bizosaas.outcome"] == "commit"
    statements = [span for span in collector.beneath(operation) if "db.query.text" in span.attributes]
    assert all(collector.above(span)[0] == "transaction" for span in statements)
    assert {"SELECT"} <= {span.name for span in statements}
    assert any("%(" in span.attributes["db.query.text"] for span in statements)
    assert collector.paths == {"/v1/traces"}
    assert collector.resource["service.name"] == "brain"


async def test_a_stranger_s_trace_is_linked_and_a_trusted_proxy_s_goes_on(world: World, collector: Collector) -> None:
    for trusted in ((), (f"{ADDRESS}/32",)):
        settings = Settings(
            **{**_settings(world, collector).model_dump(), "trusted_proxies": ",".join(trusted)},
        )
        with tracing.running(settings):
            async with api_client(settings, headers=TRACEPARENT) as client:
                await client.get("/api/v1/auth/me")
    stranger, proxy = collector.named("GET /api/v1/auth/me")
    assert (stranger.parent_id, stranger.links) == ("", [THEIRS])
    assert stranger.trace_id != THEIRS
    assert (proxy.trace_id, proxy.parent_id, proxy.links) == (THEIRS, "00f067aa0ba902b7", [])


@pytest.mark.parametrize("told", ["", "00-0-0-0", f"00-{'0' * 32}-00f067aa0ba902b7-01", "\xff" * 90, "00-" * 2000])
async def test_what_is_no_traceparent_starts_a_trace_of_its_own(world: World, collector: Collector, told: str) -> None:
    settings = _settings(world, collector)
    with tracing.running(settings):
        async with api_client(settings, headers={"traceparent": told.encode("latin-1")}) as client:  # type: ignore[dict-item]
            answer = await client.get("/api/v1/auth/me")
    assert answer.status_code == 401
    assert collector.wait_for("GET /api/v1/auth/me").links == []


async def test_probes_and_what_loops_ask_leave_no_trace(world: World, collector: Collector) -> None:
    settings = _settings(world, collector)
    with tracing.running(settings):
        async with api_client(settings, address="127.0.0.1") as client:
            for path in ("/health", "/health/live", "/metrics"):
                await client.get(path)
        async with world.resources.database.doors():
            pass
        await world.resources.cache.client.get("anything")
    assert collector.spans == []


async def test_nothing_secret_reaches_the_collector(world: World, collector: Collector) -> None:
    settings = _settings(world, collector, otlp_headers="x-collector-key=%24ecret")
    wrong = "Wrong-horse-battery-9"
    with tracing.running(Settings(**settings.model_dump())):
        async with api_client(settings) as client:
            login = await client.post("/api/v1/auth/login", json={"email": "mia@acme.example", "password": PASSWORD})
            await client.post("/api/v1/auth/login", json={"email": "noah@acme.example", "password": wrong})
            headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
            await client.get(f"/api/v1/auth/me?token={login.json()['access_token']}", headers=headers)
        with pytest.raises(ValueError, match="hunter2"), tracing.span("broken"):
            raise ValueError("the password is hunter2")
    names = {span.name for span in collector.spans}
    assert {"POST /api/v1/auth/login", "auth.login", "transaction", "broken"} <= names
    for secret in (PASSWORD, wrong, login.json()["access_token"], *login.cookies.values(), "hunter2", "@acme.example"):
        assert secret.encode() not in collector.raw
    broken = collector.wait_for("broken")
    assert (broken.status, broken.attributes, broken.events) == (ERROR, {"error.type": "ValueError"}, 0)
    assert _one(collector.named("auth.login")[1:]).attributes["error.type"] == "invalid_credentials"
    assert {told["x-collector-key"] for told in collector.headers} == {"$ecret"}


async def test_what_a_caller_did_wrong_is_no_fault_and_a_bug_is(world: World, collector: Collector) -> None:
    settings = _settings(world, collector)
    with tracing.running(settings):
        with pytest.raises(Conflict), tracing.span("refused"):
            raise Conflict("it is taken")
        with pytest.raises(asyncio.CancelledError), tracing.span("given up"):
            raise asyncio.CancelledError
        async with api_client(settings) as client:
            await client.get("/api/v1/auth/me")
    assert {span.name: span.status for span in collector.spans if span.kind != CLIENT} == {
        "refused": 0,
        "given up": 0,
        "GET /api/v1/auth/me": 0,
    }


async def test_lines_of_the_log_and_calls_to_others_carry_the_ids(world: World, collector: Collector) -> None:
    assert tracing.traceparent() == ""
    marks = [structlog.contextvars.merge_contextvars, tracing.add_ids]
    with capture_logs(processors=marks) as lines, tracing.running(_settings(world, collector)):
        assert tracing.traceparent() == ""
        with tracing.span("outside call"):
            told = tracing.traceparent()
            structlog.get_logger().info("within")
        structlog.get_logger().info("without")
    span = collector.wait_for("outside call")
    assert told[:-3] == f"00-{span.trace_id}-{span.span_id}"
    assert int(told[-2:], 16) & 1  # kept
    assert (lines[0]["trace_id"], lines[0]["span_id"]) == (span.trace_id, span.span_id)
    assert "trace_id" not in lines[1]


async def test_calls_side_by_side_are_trees_of_their_own(world: World, collector: Collector) -> None:
    sessions = [await world.sign_in(email) for email in ("mia@acme.example", "gus@globex.example")]
    settings = _settings(world, collector)
    with tracing.running(settings):
        async with api_client(settings) as client:
            await asyncio.gather(*(client.get(BOARDS, headers=sessions[n % 2].headers) for n in range(20)))
    roots = collector.named(f"GET {BOARDS}")
    assert len({root.trace_id for root in roots}) == 20
    by_trace = {root.trace_id: root.attributes["bizosaas.user_id"] for root in roots}
    assert sorted(by_trace.values()) == sorted([str(session.actor.user_id) for session in sessions] * 10)
    assert all(_one([r for r in roots if r.trace_id == span.trace_id]) for span in collector.spans)


async def test_a_job_is_a_trace_with_what_it_asks_the_database(
    world: World, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        async with unit_of_work(actor) as session:
            await records.get_tenant(session, actor.tenant_id)

    monkeypatch.setitem(TASKS, "test.note", note)
    actor = world.system()
    async with world.resources.database.unit_of_work(actor) as session:
        await queue.enqueue(session, actor, "test.note", {})
    with tracing.running(_settings(world, collector)):
        await job_runner.run_waiting(world.resources)
    job = collector.wait_for("job test.note")
    assert (job.kind, job.parent_id) == (CONSUMER, "")
    assert job.attributes["bizosaas.tenant_id"] == str(actor.tenant_id)
    assert {"transaction", "SELECT"} <= {span.name for span in collector.beneath(job)}


async def test_a_job_is_linked_to_the_request_that_left_it(
    world: World, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        assert (actor.request_id, arguments) == ("mine", {"number": 1})

    monkeypatch.setitem(TASKS, "test.note", note)
    actor = replace(world.system(), request_id="mine")
    with tracing.running(_settings(world, collector)):
        with tracing.span("asked", kind="server"):
            async with world.resources.database.unit_of_work(actor) as session:
                await queue.enqueue(session, actor, "test.note", {"number": 1})
        with tracing.span("another"):
            await job_runner.run_waiting(world.resources)
    job, asked = collector.wait_for("job test.note"), collector.wait_for("asked")
    assert (job.kind, job.parent_id, job.links) == (CONSUMER, "", [asked.trace_id])
    assert job.trace_id not in {asked.trace_id, collector.wait_for("another").trace_id}
    leaving = _one([span for span in collector.spans if span.span_id == job.linked_spans[0]])
    assert asked.name in [leaving.name, *collector.above(leaving)]
    assert job.attributes["bizosaas.request_id"] == "mine"


@pytest.mark.parametrize("told", ["", 7, [], "00-0-0-0", f"00-{THEIRS}-{'0' * 16}-01", "\xff" * 90, "00-" * 2000])
@pytest.mark.parametrize("is_inside", [True, False])
async def test_a_job_with_a_broken_traceparent_or_none_runs_without_a_link(
    world: World, collector: Collector, monkeypatch: pytest.MonkeyPatch, told: Any, is_inside: bool
) -> None:
    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        pass

    monkeypatch.setitem(TASKS, "test.note", note)
    left_by = json.dumps({"traceparent": told, "request_id": "two words"} if is_inside else told)
    async with world.resources.database.unit_of_work(world.system()) as session:
        await queue.enqueue(session, world.system(), "test.note", {})
        statement = "update jobs.procrastinate_jobs set args = jsonb_set(args, '{left_by}', cast(:told as jsonb))"
        await session.execute(text(statement), {"told": left_by})
    with tracing.running(_settings(world, collector)):
        await job_runner.run_waiting(world.resources)
    job = collector.wait_for("job test.note")
    assert (job.parent_id, job.links, job.status) == ("", [], 0)
    assert job.attributes["bizosaas.request_id"] not in ("", "two words")


async def test_a_job_of_a_version_before_runs_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        told.append(actor.request_id)

    monkeypatch.setitem(TASKS, "test.note", note)
    async with world.resources.database.unit_of_work(world.system()) as session:
        await queue.enqueue(session, world.system(), "test.note", {})
        await session.execute(text("update jobs.procrastinate_jobs set args = args - 'left_by'"))
    await job_runner.run_waiting(world.resources)
    assert len(told[0]) > 0


async def test_a_collector_that_is_away_hurts_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    settings = world.resources.settings.model_copy(
        update={"otlp_endpoint": f"http://127.0.0.1:{free_port()}", "otlp_timeout_seconds": 0.5}
    )
    mia = await world.sign_in("mia@acme.example")
    with tracing.running(settings):
        async with api_client(settings, headers=mia.headers) as client:
            assert (await client.get(BOARDS)).status_code == 200
        started = time.monotonic()
        for _ in range(3 * trace_sending.QUEUE_SPANS):
            with tracing.span("one of many"):
                pass
        assert time.monotonic() - started < 60  # not a second a span
        async with api_client(settings, headers=mia.headers) as client:
            assert (await client.get(BOARDS)).status_code == 200
        ending = time.monotonic()
    assert time.monotonic() - ending < 60
    assert len([record for record in caplog.records if record.name.startswith("opentelemetry")]) <= 4


def test_without_a_collector_nothing_is_made() -> None:
    with tracing.running(Settings()) as traced:
        assert traced is None
        with tracing.span("nothing", {"a": 1}) as one, tracing.inside("nothing") as other:
            one.set_attribute("a", 2)
        assert one is other


async def test_a_part_of_the_traces_may_be_kept(world: World, collector: Collector) -> None:
    settings = _settings(world, collector, trace_ratio=0.0)
    with tracing.running(settings):
        async with api_client(settings) as client:
            await client.get("/api/v1/auth/me")
    assert collector.spans == []
