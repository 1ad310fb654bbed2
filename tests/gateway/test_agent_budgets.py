"""Budgets of agents: reserved before they are used, never exceeded, given back, counted by the tenant's own day."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from bizosaas_app.gateway import job_runner
from bizosaas_app.gateway.agent_bells import Bell
from bizosaas_app.gateway.agent_keeper import RunKeeper
from bizosaas_app.gateway.ports import RunOrder, RunReport, RunWatch, Usage
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.services.agents import budgets, runs, turns
from bizosaas_app.services.tenants import records
from models import AgentRun, AgentSpending
from tests.support.agents import ADMIN, GUS, MIA, Scripted, agents, client_of, done, finish
from tests.support.world import World

__all__ = ["agents"]

PATH = "/api/v1/agents/budget"


async def set_budget(world: World, **bounds: Any) -> dict[str, Any]:
    async with await client_of(world, ADMIN) as admin:
        answer = await admin.put(PATH, json=bounds)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def begin(world: World, email: str = MIA) -> AgentRun:
    """Ask for a run and begin it, as a worker does, which then takes its time."""
    actor, system = await world.actor(email), world.system()
    async with world.resources.database.unit_of_work(actor) as session:
        run_id = (await runs.start(session, actor, "summary", {}, now=utc_now())).id
    async with world.resources.database.unit_of_work(system) as session:
        await session.execute(text("delete from jobs.procrastinate_jobs"))
        run = await turns.begin(session, system, run_id, now=utc_now())
    assert run is not None
    return run


async def spent(world: World) -> dict[str, tuple[int, Decimal]]:
    async with world.resources.database.unit_of_work(world.system()) as session:
        rows = (await session.exec(select(AgentSpending))).all()
    return {row.day.isoformat(): (row.tokens, row.cost_usd) for row in rows}


async def test_the_usual_budget_holds_until_an_administrator_sets_another(world: World, agents: Scripted) -> None:
    async with await client_of(world, ADMIN) as admin:
        usual = (await admin.get(PATH)).json()
        wanted = {"tokens_per_day": 500, "cost_usd_per_day": 1.25, "runs_at_once": 3}
        given = (await admin.put(PATH, json=wanted)).json()
        kept = (await admin.get(PATH)).json()
        wrong = await admin.put(PATH, json={"runs_at_once": 0, "tokens_per_day": True})
    assert (usual["tokens_per_day"], usual["cost_usd_per_day"], usual["runs_at_once"]) == (2_000_000, "20", 4)
    assert given == kept
    assert (kept["tokens_per_day"], kept["cost_usd_per_day"], kept["runs_at_once"]) == (500, "1.25", 3)
    assert (kept["tokens_used"], kept["cost_usd_used"]) == (0, "0")
    assert {item["field"] for item in wrong.json()["errors"]} == {"runs_at_once", "tokens_per_day"}


async def test_only_who_manages_agents_sees_and_sets_the_budget_of_their_own_tenant(
    world: World, agents: Scripted
) -> None:
    await set_budget(world, tokens_per_day=500)
    async with await client_of(world, MIA) as mia:
        assert {(await mia.get(PATH)).status_code, (await mia.put(PATH, json={})).status_code} == {403}
    async with await client_of(world, "admin@globex.example") as other:
        assert (await other.get(PATH)).json()["tokens_per_day"] == 2_000_000


async def test_twenty_runs_at_once_never_exceed_the_budget(world: World, agents: Scripted) -> None:
    await set_budget(world, tokens_per_day=1000, cost_usd_per_day=100, runs_at_once=50)
    keepers = [RunKeeper(world.system(), await begin(world), Bell(None)) for _ in range(20)]

    async def reserve(keeper: RunKeeper) -> str:
        try:
            await keeper.reserve(90, Decimal("0.5"))
        except LimitReached as error:
            return error.problem_code
        return "taken"

    outcomes = await asyncio.gather(*map(reserve, keepers))
    assert (outcomes.count("taken"), outcomes.count("budget_reached")) == (11, 9)
    assert list((await spent(world)).values()) == [(990, Decimal("5.5"))]


async def test_the_cost_bounds_as_the_tokens_do(world: World, agents: Scripted) -> None:
    await set_budget(world, cost_usd_per_day=0.3)
    keeper = RunKeeper(world.system(), await begin(world), Bell(None))
    await keeper.reserve(10**6, Decimal("0.2"))
    with pytest.raises(LimitReached) as refused:
        await keeper.reserve(1, Decimal("0.10000001"))
    assert refused.value.resets_in_seconds <= 86_400
    await keeper.reserve(1, Decimal("0.1"))
    assert list((await spent(world)).values()) == [(1_000_001, Decimal("0.3"))]


async def test_what_a_call_did_not_use_is_given_back(world: World, agents: Scripted) -> None:
    await set_budget(world, tokens_per_day=100)
    keeper = RunKeeper(world.system(), await begin(world), Bell(None))
    for _ in range(3):
        await keeper.reserve(80, Decimal("0.08"))
        await keeper.settle((80, Decimal("0.08")), (10, Decimal("0.01")))
    assert list((await spent(world)).values()) == [(30, Decimal("0.03"))]
    async with await client_of(world, ADMIN) as admin:
        shown = (await admin.get(PATH)).json()
    assert (shown["tokens_used"], shown["cost_usd_used"]) == (30, "0.03")


@pytest.mark.parametrize("seed", range(3))
async def test_the_sum_is_always_what_was_used_and_is_open(world: World, agents: Scripted, seed: int) -> None:
    """Random calls of several runs against sums kept by hand."""
    draw, bound = Random(seed), 1000
    await set_budget(world, tokens_per_day=bound, runs_at_once=50)
    keepers = [RunKeeper(world.system(), await begin(world), Bell(None)) for _ in range(3)]
    opened: list[list[int]] = [[] for _ in keepers]
    used = 0
    for _ in range(60):
        which = draw.randrange(len(keepers))
        if opened[which] and draw.random() < 0.5:
            taken = opened[which].pop()
            spends = draw.randint(0, taken)
            await keepers[which].settle((taken, Decimal(0)), (spends, Decimal(0)))
            used += spends
        else:
            wanted, left = draw.randint(0, 300), bound - used - sum(map(sum, opened))
            if wanted <= left:
                await keepers[which].reserve(wanted, Decimal(0))
                opened[which].append(wanted)
            else:
                with pytest.raises(LimitReached):
                    await keepers[which].reserve(wanted, Decimal(0))
        assert [tokens for tokens, _ in (await spent(world)).values()] == [used + sum(map(sum, opened))]


async def test_a_run_that_reaches_the_budget_fails_with_its_code(world: World, agents: Scripted) -> None:
    async def ask(order: RunOrder, watch: RunWatch) -> RunReport:
        try:
            await watch.reserve(50, Decimal(0))
            await watch.reserve(60, Decimal(0))
        except LimitReached as error:
            return RunReport("failed", "some-model", Usage(), code=error.problem_code, message=error.message)
        return done()

    agents.script = ask
    await set_budget(world, tokens_per_day=100)
    ended = await finish(world)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "budget_reached")
    assert list((await spent(world)).values()) == [(50, Decimal(0))], "what is not settled may have been charged for"


async def test_a_lower_budget_holds_for_the_next_reservation(world: World, agents: Scripted) -> None:
    keeper = RunKeeper(world.system(), await begin(world), Bell(None))
    await keeper.reserve(50, Decimal(0))
    await set_budget(world, tokens_per_day=60)
    with pytest.raises(LimitReached):
        await keeper.reserve(20, Decimal(0))
    await set_budget(world)
    await keeper.reserve(10**9, Decimal(10**6))


async def test_a_day_is_the_tenants_and_an_open_reservation_stays_on_its_own(world: World, agents: Scripted) -> None:
    run, system = await begin(world), world.system()
    before = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    async with world.resources.database.unit_of_work(system) as session:
        tenant = await records.get_tenant(session, system.tenant_id)
        tenant.timezone = "Pacific/Auckland"
        session.add(tenant)
    async with world.resources.database.unit_of_work(system) as session:
        held = await turns.hold(session, run.id, 1)
        await budgets.reserve(session, system, held, tokens=5, cost_usd=Decimal(0), now=before)
        await budgets.reserve(session, system, held, tokens=7, cost_usd=Decimal(0), now=before + timedelta(days=1))
        standing = await budgets.read(session, system, now=before)
    assert {day: tokens for day, (tokens, _) in (await spent(world)).items()} == {"2026-07-01": 12}
    assert (standing.tokens, standing.resets_at) == (12, datetime(2026, 7, 1, 12, tzinfo=UTC))


async def test_more_runs_at_once_let_waiting_ones_begin(world: World, agents: Scripted) -> None:
    await set_budget(world, runs_at_once=1)
    await begin(world)
    async with await client_of(world, MIA) as client:
        asked = (await client.post("/api/v1/agents/summary/runs", json={})).json()
        await job_runner.run_waiting(world.resources)
        path = f"/api/v1/agents/runs/{asked['run_id']}"
        waiting = (await client.get(path)).json()["status"]
        await set_budget(world, runs_at_once=2)
        await job_runner.run_waiting(world.resources)
        ended = (await client.get(path)).json()["status"]
    assert (waiting, ended) == ("queued", "succeeded")


async def test_one_tenants_runs_do_not_keep_another_ones_waiting(world: World, agents: Scripted) -> None:
    await set_budget(world, runs_at_once=1)
    await begin(world)
    assert (await finish(world, GUS))["status"] == "succeeded"
