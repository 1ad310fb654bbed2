"""Codes: one for each member and programme, unique over the platform."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.gamification.referrals import code_texts, codes, programs
from bizosaas_app.services.gamification.referrals.codes import Origin
from models import ReferralCode, ReferralIdentity, ReferralProgram
from tests.support.boards import GUS, NOAH, OLGA
from tests.support.referrals import ADMIN, MIA, Shop, open_shop


async def ensure(shop: Shop, email: str = NOAH, **fields: Any) -> tuple[ReferralCode, bool]:
    usual: dict[str, Any] = {"channel": None, "origin": Origin(), "now": utc_now()}
    async with shop.work() as session:
        return await codes.ensure(session, shop.actor, shop.program, shop.world.people[email], **{**usual, **fields})


async def test_many_requests_at_once_make_one_code(shop: Shop) -> None:
    made = await asyncio.gather(*(ensure(shop) for _ in range(8)))
    assert len({row.code for row, _ in made}) == 1
    assert [is_new for _, is_new in made].count(True) == 1
    assert len([row for row in await shop.all(ReferralCode) if row.user_id == shop.world.people[NOAH]]) == 1
    assert (await ensure(shop))[1] is False


async def test_a_text_that_is_taken_anywhere_on_the_platform_is_drawn_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = await open_shop(shop.world, "globex", GUS)
    texts = iter([shop.code, elsewhere.code, "FRESH234"])
    monkeypatch.setattr(code_texts, "draw", lambda: next(texts))
    row, is_new = await ensure(shop)
    assert (row.code, is_new) == ("FRESH234", True)
    async with resources().database.doors() as session:
        found = await directory.find_referral(session, "fresh234")
        theirs = await directory.find_referral(session, elsewhere.code)
    assert found is not None
    assert theirs is not None
    assert (found.code_id, found.user_id) == (row.id, shop.world.people[NOAH])
    assert theirs.tenant_id == shop.world.tenants["globex"]


async def test_a_vanity_code_comes_beside_the_own_one_and_is_taken_once(shop: Shop) -> None:
    row, is_new = await ensure(shop, vanity="Noah-2026")
    again, is_new_again = await ensure(shop, vanity="NOAH-2026")
    own, _ = await ensure(shop)
    assert (row.code, is_new, is_new_again) == ("NOAH-2026", True, False)
    assert again.id == row.id != own.id
    with pytest.raises(codes.CodeTaken):
        await ensure(shop, OLGA, vanity="noah-2026")
    assert (await shop.tell(code="noah-2026")).answer["status"] == "approved"


async def test_what_is_told_of_the_referrer_is_kept_as_hashes(shop: Shop) -> None:
    row, _ = await ensure(shop, origin=Origin("phone-1", "card-1", "81.2.3.4", "Agent"))
    again, _ = await ensure(shop, origin=Origin(payment="card-2"))
    assert again.device_hash == row.device_hash
    assert again.address == "81.2.3.4"
    async with shop.work() as session:
        known = (await session.exec(select(ReferralIdentity))).all()
    assert sorted(item.kind for item in known if item.user_id == row.user_id) == [
        "address",
        "device",
        "email",
        "payment",
        "payment",
    ]
    assert "phone-1" not in repr([row, *known])
    assert "card-" not in repr([row, *known])


async def test_strangers_and_programmes_that_do_not_run_get_no_code(shop: Shop) -> None:
    async with shop.work() as session:
        with pytest.raises(NotFound):
            await codes.ensure(
                session,
                shop.actor,
                shop.program,
                shop.world.people[GUS],
                channel=None,
                origin=Origin(),
                now=utc_now(),
            )
    await shop.change(status="paused")
    with pytest.raises(programs.ProgramNotActive):
        await ensure(shop)
    assert (await ensure(shop, MIA))[1] is False


async def test_whose_code_one_may_ask_for(shop: Shop) -> None:
    mia, admin = await shop.world.actor(MIA), await shop.world.actor(ADMIN)
    noah = shop.world.people[NOAH]
    assert codes.owner_for(mia, None, is_vanity=False) == mia.user_id
    assert codes.owner_for(admin, noah, is_vanity=True) == noah
    with pytest.raises(NotPermitted):
        codes.owner_for(mia, noah, is_vanity=False)
    with pytest.raises(NotPermitted):
        codes.owner_for(mia, None, is_vanity=True)
    with pytest.raises(InputInvalid):
        codes.owner_for(shop.actor, None, is_vanity=False)


async def test_a_tenant_without_programmes_is_given_one_and_keeps_what_it_has(shop: Shop) -> None:
    actor = shop.world.system("globex")
    async with shop.work(actor) as session:
        for _ in range(2):
            await programs.ensure_defaults(session, actor, landing_url="https://globex.example/join", now=utc_now())
        (row,) = (await session.exec(select(ReferralProgram))).all()
        assert (await programs.get(session, actor, None)).id == row.id
    assert (row.status, row.is_default, row.currency) == ("active", True, "EUR")
    assert [tier["key"] for tier in row.tiers] == ["bronze", "silver", "gold", "platinum"]
    async with shop.work() as session:
        await programs.ensure_defaults(session, shop.actor, landing_url="https://x.example/", now=utc_now())
    assert [program.name for program in await shop.all(ReferralProgram)] == ["Friends"]


async def test_a_programme_with_conversions_keeps_what_they_were_counted_in(shop: Shop) -> None:
    await shop.tell()
    for fields in ({"currency": "USD"}, {"reward_kind": "points"}):
        with pytest.raises(programs.ProgramInUse):
            await shop.change(**fields)
    await shop.change(name="Old friends", status="archived")
    assert shop.program.archived_at is not None
    with pytest.raises(programs.ProgramArchived):
        await shop.change(status="active")


async def test_a_platform_has_one_default_programme(shop: Shop) -> None:
    other = await open_shop(shop.world, name="Newer friends")
    defaults = [row.name for row in await shop.all(ReferralProgram) if row.is_default]
    assert defaults == ["Newer friends"]
    async with shop.work() as session:
        assert (await programs.get(session, shop.actor, None)).id == other.program.id
