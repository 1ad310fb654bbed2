"""The administrators' overview: what waits, counted in their own tenant alone, and the figures of a period."""

from __future__ import annotations

from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from bizosaas_app.gateway import overview, overview_watching
from bizosaas_app.gateway.contracts.overview import ReadFigures, ReadOverview
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotPermitted
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.accounts import registration
from bizosaas_app.services.overview import failed_jobs
from models import AgentProposal, AgentRun, JobRun
from tests.support.boards import Arena, arena, event, running_relay
from tests.support.followers import hub
from tests.support.world import World

__all__ = ["arena", "hub", "running_relay"]

ADMIN, MIA = "admin@acme.example", "mia@acme.example"


async def write(world: World, *rows: Any) -> None:
    async with world.resources.database.unit_of_work(world.system()) as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def invite(world: World, email: str) -> None:
    admin = await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(admin) as session:
        await registration.invite(session, admin, email=email, name="", role="user", now=utc_now())


def job(world: World, *, days: float, lasts: float = 0, status: str = "failed", title: str = "X") -> JobRun:
    """Give a run that began so many days ago and, if it failed, did so after `lasts` days."""
    at = utc_now() - timedelta(days=days)
    ended = at + timedelta(days=lasts) if status == "failed" else None
    return JobRun(
        tenant_id=world.tenants["acme-corp"], kind="x", title=title, status=status, created_at=at, finished_at=ended
    )


def proposal(world: World, run: AgentRun, *, days: float) -> AgentProposal:
    at = utc_now() - timedelta(days=2)
    expires_at = utc_now() + timedelta(days=days)
    return AgentProposal(
        tenant_id=run.tenant_id,
        run_id=run.id,
        agent_id="x",
        action="x",
        title="X",
        created_at=at,
        expires_at=expires_at,
    )


async def test_what_waits_is_counted_and_what_is_over_is_not(world: World) -> None:
    run = AgentRun(tenant_id=world.tenants["acme-corp"], id=new_id(), agent_id="x", platform="bizosaas")
    await write(world, run, proposal(world, run, days=1), proposal(world, run, days=-1))
    await write(world, job(world, days=1), job(world, days=8), job(world, days=1, status="running"))
    await invite(world, "new@acme.example")
    found = await overview.read_needs(await world.actor(ADMIN), ReadOverview())
    assert (found.conversions, found.proposals, found.unlocks, found.jobs, found.invitations) == (0, 1, 0, 1, 1)
    theirs = await overview.read_needs(await world.actor("admin@globex.example"), ReadOverview())
    assert sum(theirs.model_dump().values()) == 0


async def test_the_failed_jobs_that_are_listed_are_those_that_are_counted(world: World) -> None:
    late = job(world, days=8, lasts=7, title="Began long ago, failed yesterday")
    await write(world, late, job(world, days=3, title="Failed this week"), job(world, days=8, title="Over"))
    await write(world, job(world, days=30, lasts=22.9, title="Over as well"), job(world, days=1, status="running"))
    admin = await world.actor(ADMIN)
    found = await overview.list_failed_jobs(admin, ReadOverview())
    assert [item.title for item in found.items] == ["Began long ago, failed yesterday", "Failed this week"]
    assert found.items[0].failed_at == late.finished_at
    assert found.total == (await overview.read_needs(admin, ReadOverview())).jobs == 2
    theirs = await overview.list_failed_jobs(await world.actor("admin@globex.example"), ReadOverview())
    assert (theirs.items, theirs.total) == ([], 0)


async def test_of_many_failed_jobs_the_latest_are_listed_and_all_are_counted(world: World) -> None:
    await write(
        world, *(job(world, days=1 + number / 10, title=str(number)) for number in range(failed_jobs.SHOWN + 3))
    )
    admin = await world.actor(ADMIN)
    found = await overview.list_failed_jobs(admin, ReadOverview())
    assert [item.title for item in found.items] == [str(number) for number in range(failed_jobs.SHOWN)]
    assert found.total == (await overview.read_needs(admin, ReadOverview())).jobs == failed_jobs.SHOWN + 3


async def test_a_member_reads_neither_what_waits_nor_the_figures(world: World) -> None:
    mia = await world.actor(MIA)
    for operation, command in (
        (overview.read_needs, ReadOverview()),
        (overview.read_figures, ReadFigures()),
        (overview.read_tenant, ReadOverview()),
        (overview.list_failed_jobs, ReadOverview()),
    ):
        with pytest.raises(NotPermitted):
            await operation(mia, command)  # type: ignore[operator]  # several commands, several operations
    with pytest.raises(NotPermitted):
        await anext(overview_watching.watch_overview(mia))


async def test_the_figures_of_a_period_stand_beside_those_before_it(arena: Arena) -> None:
    now = utc_now()
    mia = arena.person(MIA)
    await arena.append(event(mia, 5, occurred_at=now), event(mia, 7, occurred_at=now - timedelta(days=8)))
    found = await overview.read_figures(await arena.world.actor(ADMIN), ReadFigures(period="7d"))
    assert (found.now.counts.events, found.before.counts.events) == (1, 1)
    assert (found.now.counts.points, found.before.counts.points) == (5, 7)
    assert len(found.now.series) == 7
    again = await overview.read_figures(await arena.world.actor(ADMIN), ReadFigures(period="7d"))
    assert again == found


async def test_own_dates_need_both_ends(world: World) -> None:
    with pytest.raises(InputInvalid):
        await overview.read_figures(await world.actor(ADMIN), ReadFigures(period="own"))


@pytest.mark.usefixtures("hub")
async def test_an_invitation_is_news_for_an_open_overview_and_told_once_more(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview_watching, "ANSWER_SECONDS", -0.9)
    async with aclosing(overview_watching.watch_overview(await arena.world.actor(ADMIN))) as news:
        first = await anext(news)
        await invite(arena.world, "late@acme.example")
        second, third = await anext(news), await anext(news)
    assert not first.changes
    assert any(topic == "mail" for topic, _ in second.changes | third.changes)
