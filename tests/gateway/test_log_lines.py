"""Each line says whose it is, by ids alone: of a request or a job, however many go on at once."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import structlog
from structlog.testing import capture_logs

from bizosaas_app.gateway import job_runner
from bizosaas_app.gateway.api_keys import create_key
from bizosaas_app.gateway.contracts.api_keys import CreateApiKey
from bizosaas_app.gateway.job_table import TASKS
from bizosaas_app.kernel import log
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.jobs import queue
from tests.support.api import api_client
from tests.support.logs import as_before
from tests.support.payments import CREDENTIALS, open_till
from tests.support.world import PASSWORD, World

Lines = list[Any]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Our own lines, with what was bound where they were written."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as kept:
        yield kept


def _requests(lines: Lines) -> list[Any]:
    return [line for line in lines if line["event"] == "request"]


async def test_a_request_leaves_one_line_with_the_route_and_the_ids_and_nothing_of_its_words(
    world: World, lines: Lines
) -> None:
    mia = await world.sign_in("mia@acme.example")
    async with api_client(world.resources.settings, headers=mia.headers) as client:
        answer = await client.get(
            "/api/v1/gamification/leaderboards/of-a-stranger?limit=7", headers={"X-Request-ID": "mine"}
        )
    assert answer.status_code == 404
    (line,) = _requests(lines)
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/api/v1/gamification/leaderboards/{key}",
        "status": 404,
        "request_id": "mine",
        "tenant_id": str(world.tenants["acme-corp"]),
        "user_id": str(world.people["mia@acme.example"]),
    }
    assert log.carried() == {}


async def test_a_stranger_has_a_request_id_alone_and_probes_leave_no_line(world: World, lines: Lines) -> None:
    async with api_client(world.resources.settings, address="127.0.0.1") as client:
        await client.get("/api/v1/auth/me")
        await client.get("/health/live")
        await client.get("/metrics")
    (line,) = _requests(lines)
    assert (line["status"], "tenant_id" in line, "user_id" in line) == (401, False, False)
    assert line["request_id"]


async def test_an_api_key_is_named_by_its_id(world: World, lines: Lines) -> None:
    admin = await world.sign_in("admin@acme.example")
    made = await create_key(admin.actor, CreateApiKey(name="Shop", scopes=["record_events"]))
    async with api_client(world.resources.settings, headers={"X-API-Key": made.key}) as client:
        await client.get("/api/v1/auth/me")
    (line,) = _requests(lines)
    assert (line["api_key_id"], line["tenant_id"]) == (str(made.id), str(world.tenants["acme-corp"]))
    assert "user_id" not in line
    assert log.redact({"api_key_id": line["api_key_id"]})["api_key_id"] == line["api_key_id"]


async def test_requests_side_by_side_never_mix_their_ids(world: World, lines: Lines) -> None:
    people = ["mia@acme.example", "noah@acme.example", "gus@globex.example", "admin@globex.example"]
    sessions = [await world.sign_in(email) for email in people]

    async with api_client(world.resources.settings) as client:

        async def ask(number: int) -> None:
            headers = {**sessions[number % len(sessions)].headers, "X-Request-ID": f"r-{number}"}
            assert (await client.get("/api/v1/gamification/leaderboards", headers=headers)).status_code == 200

        await asyncio.gather(*(ask(number) for number in range(40)))
    told = {line["request_id"]: (line["tenant_id"], line["user_id"]) for line in _requests(lines)}
    assert told == {
        f"r-{number}": (
            str(sessions[number % len(sessions)].actor.tenant_id),
            str(sessions[number % len(sessions)].actor.user_id),
        )
        for number in range(40)
    }


async def test_the_lines_of_a_job_name_its_tenant_and_the_next_job_s_do_not(
    world: World, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[UUID, Mapping[str, Any]]] = []

    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        told.append((actor.tenant_id, log.carried()))
        await asyncio.sleep(0.05)
        told.append((actor.tenant_id, log.carried()))

    monkeypatch.setitem(TASKS, "test.note", note)
    for slug in ("acme-corp", "globex"):
        actor = world.system(slug)
        async with world.resources.database.unit_of_work(actor) as session:
            await queue.enqueue(session, actor, "test.note", {})
    await job_runner.run_waiting(world.resources, at_once=2)
    assert len(told) == 4
    for tenant_id, fields in told:
        assert fields["tenant_id"] == str(tenant_id)
        assert (fields["task"], "user_id" in fields) == ("test.note", False)
        assert fields["request_id"]
        assert fields["job_id"]
    assert len({fields["request_id"] for _, fields in told}) == 2
    assert log.carried() == {}


async def test_the_lines_of_a_job_name_the_request_that_left_it(
    world: World, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        told.append((actor.request_id, log.carried()["request_id"]))
        if arguments:
            async with world.resources.database.unit_of_work(actor) as session:
                await queue.enqueue(session, actor, "test.note", {})

    monkeypatch.setitem(TASKS, "test.note", note)
    actor = replace(world.system(), request_id="r-1")
    async with world.resources.database.unit_of_work(actor) as session:
        await queue.enqueue(session, actor, "test.note", {"goes_on": True})
    await job_runner.run_waiting(world.resources)
    assert told == [("r-1", "r-1")] * 2


@pytest.fixture
def written(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """All that was logged or printed, our own lines as production writes them."""
    caplog.set_level(logging.DEBUG)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with as_before():
        log.configure_logging(as_json=True, level="DEBUG")
        structlog.configure(cache_logger_on_first_use=False)  # what is kept would outlive the test's own streams
        yield lambda: f"{stream.getvalue()}\n{caplog.text}" + "".join(capfd.readouterr())


async def test_no_call_leaves_a_secret_in_the_log(world: World, written: Callable[[], str]) -> None:
    wrong, secrets = "Wrong-horse-battery-9", [PASSWORD]
    async with api_client(world.resources.settings, headers={"Origin": world.resources.settings.origins[0]}) as client:
        login = await client.post("/api/v1/auth/login", json={"email": "mia@acme.example", "password": PASSWORD})
        assert login.status_code == 200
        secrets += [login.json()["access_token"], *login.cookies.values()]
        await client.post("/api/v1/auth/login", json={"email": "noah@acme.example", "password": wrong})
        await client.post("/api/v1/auth/login", json={"email": "nobody@acme.example", "password": [wrong]})
        assert (await client.get("/api/v1/auth/me")).status_code == 200
        await client.post("/api/v1/auth/logout")
    admin = await world.sign_in("admin@acme.example")
    secrets += [wrong, admin.token]
    async with api_client(world.resources.settings, headers=admin.headers) as client:
        made = await client.post("/api/v1/api-keys", json={"name": "Shop", "scopes": ["record_events"]})
        assert made.status_code == 201
        secrets.append(made.json()["key"])
        await client.get(f"/api/v1/auth/me?token={admin.token}")
    async with api_client(world.resources.settings, headers={"X-API-Key": secrets[-1]}) as client:
        assert (await client.get("/api/v1/auth/me")).status_code in (200, 403)
    async with open_till(world, "stripe") as till:
        await till.tried_out()
        secrets += [value for name, value in CREDENTIALS["stripe"].items() if "key" in name]
    structlog.get_logger("test").info("the end of the story")
    logged = written()
    assert '"event": "the end of the story"' in logged
    assert '"route": "/api/v1/auth/login"' in logged
    assert [secret for secret in secrets if secret in logged] == []
    assert "mia@acme.example" not in logged
    ours = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert {"request_id", "tenant_id", "user_id"} <= {name for line in ours for name in line}
