"""Runs of agents: asked for, done for whoever asked, watched, waited for, cancelled, taken up after a crash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, text
from sqlmodel import select

from agents.runtime import Runtime
from bizosaas_app.gateway import agent_rounds, job_runner, live, ports, relay, retention_rounds
from bizosaas_app.gateway import agents as operations
from bizosaas_app.gateway.agent_bells import Bell
from bizosaas_app.gateway.agent_keeper import RunKeeper
from bizosaas_app.gateway.contracts.agents import RunId
from bizosaas_app.gateway.ports import RunOrder, RunReport, RunWatch, Usage
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.services.accounts import members
from bizosaas_app.services.agents import budgets, runs, turns
from models import AgentRun, AgentSpending, AgentToolCall
from tests.support.agents import (
    ADMIN,
    CALL,
    GUS,
    MIA,
    NOAH,
    START,
    Scripted,
    agents,
    client_of,
    done,
    finish,
    read,
    start,
)
from tests.support.boards import until
from tests.support.world import World

__all__ = ["agents"]

CONTRACT = {"run_id", "status", "output", "usage", "tool_calls", "engine", "error"}


@pytest.fixture
async def serving(world: World) -> AsyncIterator[live.LiveHub]:
    """A process as it serves: relay, hub and workers."""
    async with relay.running(), live.running() as hub, job_runner.running():
        await until(lambda: hub.connection == "live")
        yield hub


async def test_a_run_is_queued_done_by_a_worker_and_read_with_its_tool_calls(world: World, agents: Scripted) -> None:
    run_id = await start(world, input={"text": "two words"})
    waiting = await read(world, run_id)
    assert (waiting["status"], waiting["output"], waiting["engine"]) == ("queued", None, None)
    await job_runner.run_waiting(world.resources)
    ended = await read(world, run_id)
    assert ended.keys() >= CONTRACT
    assert (ended["status"], ended["output"], ended["engine"], ended["error"]) == (
        "succeeded",
        {"words": 2},
        "embedded",
        None,
    )
    (call,) = ended["tool_calls"]
    assert (call["tool"], call["arguments"], call["result"]) == ("word_count", {"text": "two words"}, {"words": 2})
    assert ended["usage"]["tool_calls"] == 1
    assert ended["finished_at"] is not None
    assert ended["trace_id"]


@pytest.mark.usefixtures("serving")
async def test_whoever_waits_is_answered_when_the_run_ends(world: World, agents: Scripted) -> None:
    async with await client_of(world, MIA) as client:
        answer = await client.post(START, json={"input": {}, "wait": 30})
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "succeeded"


@pytest.mark.usefixtures("serving")
async def test_whoever_waits_too_short_is_told_how_far_it_is(world: World, agents: Scripted) -> None:
    go_on = asyncio.Event()

    async def wait(order: RunOrder, watch: RunWatch) -> RunReport:
        await go_on.wait()
        return done()

    agents.script = wait
    async with await client_of(world, MIA) as client:
        answer = await client.post(START, json={"wait": 0.2})
    go_on.set()
    assert answer.status_code == 202
    assert answer.json()["status"] in ("queued", "running")


@pytest.mark.usefixtures("serving")
async def test_those_who_wait_hold_no_connection(world: World, agents: Scripted) -> None:
    """Twice as many wait as the pool has connections, and others are served."""
    go_on = asyncio.Event()

    async def wait(order: RunOrder, watch: RunWatch) -> RunReport:
        await go_on.wait()
        return done()

    agents.script = wait
    async with await client_of(world, MIA) as client:
        waiting = [asyncio.create_task(client.post(START, json={"wait": 30})) for _ in range(10)]
        await until(lambda: len(agents.orders) == 4)
        assert (await client.get("/api/v1/auth/me")).status_code == 200
        go_on.set()
        answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}


async def test_who_waits_reads_the_run_whole_once(world: World, agents: Scripted) -> None:
    """Without news it is looked four times a second; an input may be a megabyte."""
    said: list[str] = []
    engine = world.resources.database.engine.sync_engine
    async with await client_of(world, MIA) as client:
        event.listen(engine, "before_cursor_execute", lambda *call: said.append(call[2]))
        answer = await client.post(START, json={"wait": 1})
    assert answer.json()["status"] == "queued"
    looked = [line for line in said if line.startswith("SELECT agent_runs.status")]
    whole = [line for line in said if line.startswith("SELECT") and "agent_runs.input" in line]
    assert (len(looked) >= 3, len(whole)) == (True, 1), said


async def test_the_embedded_engine_runs_an_agent_of_the_catalogue(world: World) -> None:
    runtime = Runtime(world.resources.settings)
    ports.serve_agents(runtime)
    try:
        async with await client_of(world, MIA) as client:
            agent = (await client.get("/api/v1/agents/receivables_watch")).json()
            path = "/api/v1/agents/receivables_watch/runs"
            asked = await client.post(path, json={"input": agent["example_input"]})
            await job_runner.run_waiting(world.resources)
            run = (await client.get(f"/api/v1/agents/runs/{asked.json()['run_id']}")).json()
            wrong = await client.post(path, json={"input": {"invoices": "none"}})
    finally:
        ports.serve_agents(None)
        runtime.close()
    assert run["status"] == "succeeded", run["error"]
    assert [call["tool"] for call in run["tool_calls"]] == ["invoice_ageing"]
    assert run["output"]["headline"]
    assert wrong.status_code == 422
    assert [item["field"] for item in wrong.json()["errors"]] == ["input.invoices"]


async def test_the_catalogue_is_listed_page_by_page_and_described(world: World, agents: Scripted) -> None:
    async with await client_of(world, MIA) as client:
        first = (await client.get("/api/v1/agents?limit=1")).json()
        second = (await client.get(f"/api/v1/agents?limit=1&cursor={first['next_cursor']}")).json()
        whole = (await client.get("/api/v1/agents?limit=200")).json()
        one = (await client.get("/api/v1/agents/summary")).json()
        lost = await client.get("/api/v1/agents?cursor=nonsense")
    assert [item["id"] for item in first["items"] + second["items"]] == ["summary", "audit_watch"]
    assert second["next_cursor"] is None
    assert whole["items"][0].keys() == {"id", "name", "title", "area", "goal"}
    assert one.keys() == {
        *("id", "name", "title", "area", "role", "goal", "tools"),
        *("input_schema", "output_schema", "example_input", "limits"),
    }
    assert lost.status_code == 422


@pytest.mark.parametrize("agent_id", ["nobody", "no-such-agent", "X", "a882ed96-9950-4a96-85fb-92c33c1c1d8f"])
async def test_an_unknown_agent_is_not_found(world: World, agents: Scripted, agent_id: str) -> None:
    async with await client_of(world, MIA) as client:
        answers = [
            await client.get(f"/api/v1/agents/{agent_id}"),
            await client.post(f"/api/v1/agents/{agent_id}/runs", json={}),
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}


@pytest.mark.parametrize("given", [{"text": 7}, {"text": "a\0b"}, {"text": "\ud800"}])
async def test_a_wrong_input_names_its_field_and_leaves_no_run(world: World, agents: Scripted, given: object) -> None:
    async with await client_of(world, MIA) as client:
        refused = await client.post(
            START, content=_json({"input": given}), headers={"Content-Type": "application/json"}
        )
        listed = (await client.get("/api/v1/agents/runs")).json()["items"]
    assert refused.status_code == 422, refused.text
    assert [item["field"] for item in refused.json()["errors"]] == ["input.text"]
    assert listed == []


def _json(value: object) -> bytes:
    """The JSON text with everything beyond ASCII escaped, lone surrogates too."""
    return json.dumps(value).encode()


async def test_an_agent_that_asks_for_more_than_one_holds_is_refused(world: World, agents: Scripted) -> None:
    async with await client_of(world, MIA) as mia, await client_of(world, ADMIN) as admin:
        refused = await mia.post("/api/v1/agents/audit_watch/runs", json={})
        taken = await admin.post("/api/v1/agents/audit_watch/runs", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert taken.status_code == 202


async def test_the_run_acts_for_whoever_asked_with_the_rights_of_now(world: World, agents: Scripted) -> None:
    await start(world, MIA)
    boss = await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(boss) as session:
        await members.change_role(session, boss, user_id=world.people[MIA], role="tenant_admin")
    await job_runner.run_waiting(world.resources)
    (order,) = agents.orders
    assert (order.actor.user_id, order.actor.role) == (world.people[MIA], "tenant_admin")
    assert order.actor.can("manage_agents")
    assert not order.actor.is_system


async def test_the_waiting_run_of_a_suspended_member_is_not_done(world: World, agents: Scripted) -> None:
    run_id = await start(world, MIA)
    boss = await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(boss) as session:
        await members.change_status(session, boss, user_id=world.people[MIA], status="suspended", now=utc_now())
    await job_runner.run_waiting(world.resources)
    ended = await read(world, run_id, ADMIN)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "not_permitted")
    assert agents.orders == []


async def test_the_waiting_run_of_one_who_holds_less_by_now_is_not_done(world: World, agents: Scripted) -> None:
    boss = await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(boss) as session:
        await members.change_role(session, boss, user_id=world.people[MIA], role="tenant_admin")
    async with await client_of(world, MIA) as client:
        asked = await client.post("/api/v1/agents/audit_watch/runs", json={})
    async with world.resources.database.unit_of_work(boss) as session:
        await members.change_role(session, boss, user_id=world.people[MIA], role="user")
    await job_runner.run_waiting(world.resources)
    ended = await read(world, UUID(asked.json()["run_id"]), MIA)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "not_permitted")


async def test_a_key_runs_agents_by_its_scopes_and_sees_its_own_runs(world: World, agents: Scripted) -> None:
    async with await client_of(world, ADMIN) as admin:
        made = (await admin.post("/api/v1/api-keys", json={"name": "crm", "scopes": ["use_agents"]})).json()
        headers = {"Authorization": f"Bearer {made['key']}"}
        of_mia = await start(world, MIA)
        asked = await admin.post(START, json={}, headers=headers)
        await job_runner.run_waiting(world.resources)
        own = await admin.get(f"/api/v1/agents/runs/{asked.json()['run_id']}", headers=headers)
        listed = (await admin.get("/api/v1/agents/runs", headers=headers)).json()["items"]
        foreign = await admin.get(f"/api/v1/agents/runs/{of_mia}", headers=headers)
        late = await admin.post(START, json={}, headers=headers)
        await admin.delete(f"/api/v1/api-keys/{made['id']}")
    await job_runner.run_waiting(world.resources)
    assert (own.json()["status"], foreign.status_code) == ("succeeded", 404)
    assert [item["run_id"] for item in listed] == [asked.json()["run_id"]]
    order = next(order for order in agents.orders if order.actor.api_key_id is not None)
    assert (order.actor.permissions, order.actor.is_system) == (frozenset({"use_agents"}), False)
    assert (await read(world, UUID(late.json()["run_id"]), ADMIN))["error"]["code"] == "not_permitted"


async def test_somebody_elses_run_is_not_there_but_for_who_manages_agents(world: World, agents: Scripted) -> None:
    run_id = await start(world, MIA)
    for email, status in {NOAH: 404, ADMIN: 200, GUS: 404}.items():
        async with await client_of(world, email) as client:
            assert (await client.get(f"/api/v1/agents/runs/{run_id}")).status_code == status, email
            listed = (await client.get("/api/v1/agents/runs")).json()["items"]
            if status == 404:
                assert (await client.post(f"/api/v1/agents/runs/{run_id}/cancel")).status_code == 404
        assert [item["run_id"] for item in listed] == ([str(run_id)] if status == 200 else [])


async def test_what_a_run_does_is_seen_while_it_goes_on(world: World, agents: Scripted) -> None:
    seen: list[tuple[str, str, int]] = []

    async def look(order: RunOrder, watch: RunWatch) -> RunReport:
        await watch.note("Counting")
        await watch.called(CALL)
        view = await read(world, order.run_id)
        seen.append((view["status"], view["note"], len(view["tool_calls"])))
        return done()

    agents.script = look
    ended = await finish(world)
    assert seen == [("running", "Counting", 1)]
    assert (ended["status"], ended["note"]) == ("succeeded", "")


async def test_an_open_page_follows_a_run_to_its_end(world: World, agents: Scripted, serving: live.LiveHub) -> None:
    go_on = asyncio.Event()

    async def wait(order: RunOrder, watch: RunWatch) -> RunReport:
        await go_on.wait()
        await watch.note("Going on")
        return done()

    agents.script = wait
    actor = await world.actor(MIA)
    run_id = await start(world)
    statuses: list[str] = []
    async with asyncio.timeout(30), aclosing(operations.watch_run(actor, RunId(run_id=run_id))) as views:
        async for view in views:
            statuses.append(view.status)
            go_on.set()
    assert statuses[-1] == "succeeded"
    assert len(statuses) > 1


async def test_a_waiting_run_is_cancelled_at_once_and_an_ended_one_no_more(world: World, agents: Scripted) -> None:
    run_id = await start(world)
    async with await client_of(world, MIA) as client:
        cancelled = await client.post(f"/api/v1/agents/runs/{run_id}/cancel")
        again = await client.post(f"/api/v1/agents/runs/{run_id}/cancel")
    await job_runner.run_waiting(world.resources)
    assert cancelled.json()["status"] == "cancelled"
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    assert agents.orders == []


@pytest.mark.usefixtures("serving")
async def test_a_running_run_learns_that_it_is_to_stop(world: World, agents: Scripted) -> None:
    async def go_on(order: RunOrder, watch: RunWatch) -> RunReport:
        await until(watch.is_cancelled)
        return RunReport("cancelled", "embedded", Usage(steps=1))

    agents.script = go_on
    run_id = await start(world)
    await until(lambda: len(agents.orders) == 1)
    async with await client_of(world, MIA) as client:
        asked = (await client.post(f"/api/v1/agents/runs/{run_id}/cancel")).json()
    assert (asked["status"], asked["is_cancel_asked"]) == ("running", True)

    async def is_over() -> bool:
        return bool((await read(world, run_id))["status"] == "cancelled")

    await until(is_over)


async def test_a_bug_of_the_runtime_ends_the_run_in_neutral_words(world: World, agents: Scripted) -> None:
    async def fail(order: RunOrder, watch: RunWatch) -> RunReport:
        raise RuntimeError("the password is hunter2")

    agents.script = fail
    ended = await finish(world)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "internal_error")
    assert "hunter2" not in ended["error"]["message"]


async def test_a_limit_ends_the_run_with_its_code_and_what_was_used(world: World, agents: Scripted) -> None:
    async def stop(order: RunOrder, watch: RunWatch) -> RunReport:
        usage = Usage(2, 1, 100, 20, Decimal("0.0012"), 1.5)
        return RunReport("failed", "some-model", usage, code="limit_steps", message="Too many steps")

    agents.script = stop
    ended = await finish(world)
    assert ended["error"] == {"code": "limit_steps", "message": "Too many steps"}
    assert ended["usage"] == {
        "steps": 2,
        "tool_calls": 1,
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "cost_usd": "0.0012",
        "seconds": 1.5,
    }


async def test_what_the_database_cannot_hold_is_replaced_in_an_output(world: World, agents: Scripted) -> None:
    async def write(order: RunOrder, watch: RunWatch) -> RunReport:
        return done(text="a\0b", ratio=float("nan"))

    agents.script = write
    assert (await finish(world))["output"] == {"text": "a\N{REPLACEMENT CHARACTER}b", "ratio": None}


@pytest.mark.usefixtures("serving")
async def test_a_tenant_has_so_many_runs_at_once_as_its_budget_says(world: World, agents: Scripted) -> None:
    at_once: list[int] = []
    going: set[UUID] = set()
    both = asyncio.Barrier(2)

    async def work(order: RunOrder, watch: RunWatch) -> RunReport:
        going.add(order.run_id)
        at_once.append(len(going))
        await both.wait()
        await watch.note("Working")
        going.discard(order.run_id)
        return done()

    agents.script = work
    async with await client_of(world, ADMIN) as admin:
        await admin.put("/api/v1/agents/budget", json={"runs_at_once": 2})
    run_ids = {str(await start(world)) for _ in range(6)}
    async with await client_of(world, MIA) as client:

        async def are_over() -> bool:
            items = (await client.get("/api/v1/agents/runs")).json()["items"]
            return {item["run_id"] for item in items if item["status"] == "succeeded"} == run_ids

        await until(are_over)
    assert max(at_once) == 2


async def _begin_and_die(world: World, run_id: UUID, *, tokens: int = 100) -> AgentRun:
    """Do as a worker does that dies in the middle: a run begun, a tool call made, a reservation open."""
    system = world.system()
    async with world.resources.database.unit_of_work(system) as session:
        run = await turns.begin(session, system, run_id, now=utc_now())
    assert run is not None
    keeper = RunKeeper(system, run, Bell(None))
    await keeper.called(CALL)
    await keeper.reserve(tokens, Decimal("0.01"))
    return run


async def _spent(world: World) -> tuple[int, Decimal]:
    async with world.resources.database.unit_of_work(world.system()) as session:
        row = (await session.exec(select(AgentSpending))).one_or_none()
        return (row.tokens, row.cost_usd) if row else budgets.NOTHING


async def test_a_run_whose_worker_died_begins_anew_with_nothing_of_the_broken_try(
    world: World, agents: Scripted
) -> None:
    run_id = await start(world)
    await _begin_and_die(world, run_id)
    assert await _spent(world) == (100, Decimal("0.01"))
    await job_runner.run_waiting(world.resources)
    ended = await read(world, run_id)
    assert (ended["status"], len(ended["tool_calls"])) == ("succeeded", 1)
    assert await _spent(world) == (100, Decimal("0.01")), "the call that broke off may have been charged for"


async def test_a_run_that_broke_off_twice_is_not_tried_again(world: World, agents: Scripted) -> None:
    run_id = await start(world)
    for _ in range(2):
        await _begin_and_die(world, run_id)
    await job_runner.run_waiting(world.resources)
    ended = await read(world, run_id)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "interrupted")
    assert agents.orders == []
    assert await _spent(world) == (200, Decimal("0.02"))


async def test_a_run_that_its_process_gives_up_is_begun_anew(world: World, agents: Scripted) -> None:
    async def give_up(order: RunOrder, watch: RunWatch) -> RunReport:
        await watch.called(CALL)
        if len(agents.orders) == 1:
            return RunReport("failed", "embedded", Usage(), code="interrupted", message="The server was stopped")
        return done()

    agents.script = give_up
    run_id = await start(world)
    await job_runner.run_waiting(world.resources)
    assert (await read(world, run_id))["status"] == "running"
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.execute(text("update jobs.procrastinate_jobs set scheduled_at = now()"))
    await job_runner.run_waiting(world.resources)
    ended = await read(world, run_id)
    assert (ended["status"], len(ended["tool_calls"])) == ("succeeded", 1)


async def test_a_worker_that_was_taken_for_dead_writes_nothing_more(world: World, agents: Scripted) -> None:
    run_id = await start(world)
    old = await _begin_and_die(world, run_id)
    await _begin_and_die(world, run_id)
    late = RunKeeper(world.system(), old, Bell(None))
    await late.note("Still here")
    await late.called(CALL)
    with pytest.raises(LimitReached):
        await late.reserve(5, Decimal(0))
    assert await late.is_cancelled()
    view = await read(world, run_id)
    assert (view["note"], len(view["tool_calls"])) == ("Begun anew", 1)
    assert (await _spent(world))[0] == 200


async def _begin_inside(world: World) -> AgentRun:
    """Begin a run that is a part of other work, as a showcase's writing is."""
    system = world.system()
    async with world.resources.database.unit_of_work(system) as session:
        started = await runs.start_inside(session, system, "summary", {}, asked_by=world.people[MIA], now=utc_now())
        run = await turns.begin(session, system, started.id, now=utc_now())
    assert run is not None
    return run


async def test_a_run_inside_other_work_is_left_to_it_and_fails_when_that_has_died(
    world: World, agents: Scripted
) -> None:
    run, system = await _begin_inside(world), world.system()
    await agent_rounds.tidy(system, utc_now())
    await job_runner.run_waiting(world.resources)
    assert ((await read(world, run.id))["status"], agents.orders) == ("running", [])
    await agent_rounds.tidy(system, utc_now() + turns.INSIDE_AT_MOST + timedelta(minutes=1))
    ended = await read(world, run.id)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "interrupted")


async def test_runs_that_ended_long_ago_are_forgotten_with_all_that_was_theirs(world: World, agents: Scripted) -> None:
    old, system = await start(world), world.system()
    await job_runner.run_waiting(world.resources)
    waiting = await start(world)
    await retention_rounds.prune(system, utc_now() + timedelta(days=179))
    assert (await read(world, old))["status"] == "succeeded"
    await retention_rounds.prune(system, utc_now() + timedelta(days=181))
    async with world.resources.database.unit_of_work(system) as session:
        assert (await session.exec(select(AgentRun.id))).all() == [waiting]
        assert (await session.exec(select(AgentToolCall.number))).all() == []


async def test_a_budget_is_set_while_runs_begin_and_end(world: World, agents: Scripted) -> None:
    """Both write the budget's row and take turns; taken in two orders they would wait for each other."""

    async def set_budget(number: int) -> int:
        async with await client_of(world, ADMIN) as admin:
            return (await admin.put("/api/v1/agents/budget", json={"runs_at_once": 2 + number % 3})).status_code

    run_ids = [await start(world) for _ in range(6)]
    answers, _ = await asyncio.gather(
        asyncio.gather(*(set_budget(number) for number in range(12))),
        job_runner.run_waiting(world.resources, at_once=4),
    )
    assert set(answers) == {200}
    assert {(await read(world, run_id))["status"] for run_id in run_ids} == {"succeeded"}


@pytest.mark.parametrize("has_begun", [False, True])
async def test_a_run_whose_job_was_lost_is_taken_up_by_the_clock(
    world: World, agents: Scripted, has_begun: bool
) -> None:
    run_id = await start(world)
    if has_begun:
        await _begin_and_die(world, run_id)
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.execute(text("delete from jobs.procrastinate_jobs"))
    await agent_rounds.tidy(world.system(), utc_now())
    await agent_rounds.tidy(world.system(), utc_now())
    await job_runner.run_waiting(world.resources)
    assert (await read(world, run_id))["status"] == "succeeded"
    assert len(agents.orders) == 1


async def test_a_run_that_a_worker_is_at_is_left_in_peace_by_the_clock(world: World, agents: Scripted) -> None:
    async def tidy(order: RunOrder, watch: RunWatch) -> RunReport:
        await agent_rounds.tidy(world.system(), utc_now())
        return done()

    agents.script = tidy
    assert (await finish(world))["status"] == "succeeded"
    await job_runner.run_waiting(world.resources)
    assert len(agents.orders) == 1


async def test_without_a_runtime_agents_are_not_served(world: World) -> None:
    async with await client_of(world, MIA) as client:
        answers: list[httpx.Response] = [await client.get("/api/v1/agents"), await client.post(START, json={})]
    assert {answer.status_code for answer in answers} == {503}
