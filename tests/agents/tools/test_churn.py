"""Members at risk, by their own rhythm in the ledger."""

from __future__ import annotations

from math import exp

import pytest
from sqlmodel import update

from agents.tools.churn import member_churn
from bizosaas_app.gateway.board_views import pseudonym_of
from bizosaas_app.kernel.errors import NotPermitted
from models import Membership
from tests.support.boards import MIA, NOAH, OLGA, Arena, ago, arena, event
from tests.support.tool_runs import of, rows, run, told

__all__ = ["arena"]

ADMIN = "admin@acme.example"


async def active(arena: Arena, email: str, *days_ago: int) -> None:
    await arena.append(*(event(arena.person(email), 10, occurred_at=ago(days=days)) for days in days_ago))


async def show_all(arena: Arena, *hidden: str) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(Membership).values(leaderboard_privacy="public"))
        for email in hidden:
            mine = Membership.user_id == arena.person(email)
            await session.exec(update(Membership).where(mine).values(leaderboard_privacy="pseudonym"))


async def test_a_silence_counts_by_the_members_own_rhythm(arena: Arena) -> None:
    await show_all(arena)
    await active(arena, MIA, *range(15, 45))  # daily, and then nothing for a fortnight
    await active(arena, NOAH, 14, 28, 42, 56, 70)  # once a fortnight, as always
    await active(arena, OLGA, 60, 62, 64, 66)  # long gone
    result = await run(member_churn, of(await arena.world.actor(ADMIN)), days=90)
    found = told(result)
    states = {row["silent"]: row["status"] for row in rows(result, "members")}
    assert states == {15: "at risk", 14: "active", 60: "gone"}
    assert (found["at_risk_count"], found["gone_count"], found["active_count"]) == (1, 1, 1)
    assert (found["top_silent"], found["top_rhythm"], found["top_events"]) == (15, 1, 30)
    assert found["at_risk_value_share"] == pytest.approx(100 * 300 / 390, abs=0.1)
    # Noah's gap is 57 days over 5 active ones.
    risk = next(row["risk"] for row in rows(result, "members") if row["silent"] == 14)
    assert risk == round(100 * (1 - exp(-14 / (57 / 5))))


async def test_who_does_far_less_than_before_is_fading(arena: Arena) -> None:
    await active(arena, MIA, *range(50, 90), 2, 5)
    await active(arena, NOAH, *range(1, 80, 3))
    found = told(await run(member_churn, of(await arena.world.actor(ADMIN)), days=90))
    assert (found["fading_count"], found["active_count"]) == (1, 1)


async def test_who_is_not_public_stands_under_a_pseudonym(arena: Arena) -> None:
    await show_all(arena, MIA)
    await active(arena, MIA, *range(15, 45))
    admin = await arena.world.actor(ADMIN)
    result = await run(member_churn, of(admin), days=90)
    assert told(result)["top_member"] == pseudonym_of(admin.tenant_id, arena.person(MIA))
    assert result.at_risk == [told(result)["top_member"]]  # type: ignore[attr-defined]


async def test_an_empty_ledger_and_a_member_who_just_began_are_no_risk(arena: Arena) -> None:
    admin = of(await arena.world.actor(ADMIN))
    found = told(await run(member_churn, admin))
    assert (found["members"], found["at_risk_count"]) == (0, 0)
    assert "at_risk_share" not in found
    await active(arena, MIA, 20)
    assert told(await run(member_churn, admin))["at_risk_count"] == 0


async def test_a_member_without_the_right_is_refused(arena: Arena) -> None:
    with pytest.raises(NotPermitted):
        await run(member_churn, of(await arena.world.actor(MIA)))
