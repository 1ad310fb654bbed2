"""Where a tenant stands in its industry: five take part or nothing is told, and never anybody else's figure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select, update

from bizosaas_app.gateway import industry
from bizosaas_app.gateway.contracts.industry import ChangeIndustry, ShareStanding
from bizosaas_app.kernel.errors import InputInvalid, NotPermitted
from models import AuditEntry, Leaderboard
from tests.support.boards import MIA, Arena, Client, arena
from tests.support.industries import ADMIN, PATH, add_peer, share

__all__ = ["arena"]


async def read(arena: Arena, window: str = "month") -> dict[str, Any]:
    view: dict[str, Any] = (await (await Client.of(arena, MIA)).get(f"{PATH}?window={window}")).json()
    return view


async def test_four_tenants_are_too_few_and_five_are_enough(arena: Arena) -> None:
    await arena.score(MIA, 30)
    await share(arena)
    for points in (10, 20, 40):
        await add_peer(arena, points)
    few = await read(arena)
    assert (few["industry"], few["shares"], few["smallest_group"], few["standing"]) == ("web agency", True, 5, None)
    await add_peer(arena, 50)
    assert (await read(arena))["standing"] == {
        "rank": 3,
        "of": 5,
        "points_per_member": 30,
        "lower_quarter": 20,
        "middle": 30,
        "upper_quarter": 40,
    }
    assert (await read(arena, "all"))["standing"]["rank"] == 3


async def test_taking_part_or_leaving_keeps_the_industry(arena: Arena) -> None:
    admin = await arena.world.actor(ADMIN)
    with pytest.raises(InputInvalid, match="Name your industry"):
        await industry.share_standing(admin, ShareStanding(shares=True))
    await industry.change_industry(admin, ChangeIndustry(industry="bakery", shares=False))
    for shares in (True, False):
        view = await industry.share_standing(admin, ShareStanding(shares=shares))
        assert (view.industry, view.shares) == ("bakery", shares)
    with pytest.raises(NotPermitted):
        await industry.share_standing(await arena.world.actor(MIA), ShareStanding(shares=True))


async def test_only_tenants_that_take_part_with_the_same_count_are_of_the_group(arena: Arena) -> None:
    await arena.score(MIA, 30)
    await share(arena)
    peers = [await add_peer(arena, points) for points in (10, 20, 40, 50)]
    assert (await read(arena))["standing"] is not None
    for columns in (
        {"shares_standing": False},
        {"industry": "bakery"},
        {"industry": None},
        {"status": "suspended"},
        {"kind": "operator"},
    ):
        await peers[0].change(arena, **columns)
        assert (await read(arena))["standing"] is None, columns
        await peers[0].change(arena, shares_standing=True, industry="web agency", status="active", kind="customer")
    assert (await read(arena))["standing"] is not None
    async with arena.world.resources.database.unit_of_work(peers[0].actor) as session:
        await session.execute(update(Leaderboard).where(col(Leaderboard.key) == "points").values(operator="best"))
    assert (await read(arena))["standing"] is None


async def test_whoever_does_not_share_is_shown_nothing(arena: Arena) -> None:
    await arena.score(MIA, 30)
    for points in (10, 20, 40, 50, 60):
        await add_peer(arena, points)
    assert (await read(arena))["standing"] is None
    assert (await share(arena, shares=False))["standing"] is None
    assert (await share(arena))["standing"]["of"] == 6


async def test_the_door_answers_the_signed_tenant_alone_and_shows_no_row_of_another(arena: Arena) -> None:
    await share(arena)
    for points in (10, 20, 40, 50):
        await add_peer(arena, points)
    database, acme = arena.world.resources.database, arena.world.system()
    query = text("SELECT * FROM app.industry_standing('month')")
    async with database.unit_of_work(acme) as session:
        found = await session.execute(query)
        assert list(found.keys()) == ["rank", "of", "own", "lower_quarter", "middle", "upper_quarter"]
        assert len(found.all()) == 1
        assert {row[0] for row in await session.execute(text("SELECT id FROM tenants"))} == {acme.tenant_id}
        owners = await session.execute(text("SELECT DISTINCT tenant_id FROM leaderboard_entries"))
        assert {row[0] for row in owners} <= {acme.tenant_id}
        odd = text("SELECT * FROM app.industry_standing(:span)")
        assert [row.own for row in await session.execute(odd, {"span": "2026-11-24' OR true"})] == [Decimal(0)]
    async with database.unit_of_work(arena.world.system("globex")) as session:
        assert (await session.execute(query)).all() == []
    async with database.doors() as session:
        assert (await session.execute(query)).all() == []
    with pytest.raises(DBAPIError) as refused:
        async with database.unit_of_work(acme) as session:
            await session.execute(text("SET LOCAL ROLE bizosaas_doors"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


async def test_administrators_alone_choose_the_industry_and_it_is_written_down(arena: Arena) -> None:
    assert (await (await Client.of(arena, MIA)).put(f"{PATH}/settings", {"shares": False})).status_code == 403
    admin = await Client.of(arena, ADMIN)
    for body in ({}, {"shares": True}, {"shares": True, "industry": ""}, {"shares": True, "industry": "a\0b"}):
        assert (await admin.put(f"{PATH}/settings", body)).status_code == 422, body
    assert (await admin.get(f"{PATH}?window=year")).status_code == 422
    await share(arena)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        entry = (await session.exec(select(AuditEntry).where(AuditEntry.action == "leaderboards.industry"))).one()
    assert entry.detail == {"industry": "web agency", "shares": True}
