"""Clicks: each visitor once an hour, the owner and machines not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.referrals import clicks
from bizosaas_app.services.gamification.referrals.clicks import Followed, Visit
from models import ReferralClick, ReferralCode
from tests.support.boards import NOAH
from tests.support.referrals import AGENT, LANDING, MIA, Shop

NOW = utc_now()
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"
)


async def follow(
    shop: Shop, *, code: str | None = None, now: datetime = NOW, may_write: bool = True, **fields: Any
) -> Followed | None:
    visit = Visit(**{"address": "81.2.3.4", "user_agent": AGENT, **fields})
    async with shop.work() as session:
        row = (await session.exec(select(ReferralCode).where(ReferralCode.code == (code or shop.code)))).one()
        return await clicks.follow(session, row.id, visit, may_write=may_write, now=now)


async def counted(shop: Shop) -> list[bool]:
    return [row.is_counted for row in await shop.all(ReferralClick)]


async def test_a_click_leads_to_the_landing_page_with_its_id(shop: Shop) -> None:
    found = await follow(shop)
    (row,) = await shop.all(ReferralClick)
    assert found == Followed(LANDING, row.id, shop.code, is_new=True)
    assert row.is_counted
    assert row.visitor not in (row.address, row.user_agent)


async def test_a_visitor_counts_once_an_hour_with_or_without_a_cookie(shop: Shop) -> None:
    first = await follow(shop)
    assert first is not None
    again = replace(first, is_new=False)
    assert await follow(shop, now=NOW + timedelta(minutes=59)) == again
    moved = await follow(shop, now=NOW + timedelta(minutes=30), click_id=first.click_id, address="81.9.9.9")
    assert moved == again
    (row,) = await shop.all(ReferralClick)
    assert (row.repeats, row.is_counted) == (2, True)
    later = await follow(shop, now=NOW + timedelta(minutes=61))
    assert later is not None
    assert later.click_id != first.click_id
    assert await counted(shop) == [True, True]


async def test_twenty_identical_clicks_at_once_count_once(shop: Shop) -> None:
    found = await asyncio.gather(*(follow(shop) for _ in range(20)))
    assert len({item.click_id for item in found if item}) == 1
    (row,) = await shop.all(ReferralClick)
    assert row.repeats == 19


async def test_other_visitors_and_other_codes_count_by_themselves(shop: Shop) -> None:
    noahs = await shop.code_for(NOAH)
    await follow(shop)
    await follow(shop, address="81.2.3.5")
    await follow(shop, user_agent=PHONE)
    await follow(shop, code=noahs)
    assert await counted(shop) == [True] * 4


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "WhatsApp/2.23.20.0 A",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Twitterbot/1.0",
    ],
)
async def test_crawlers_and_previews_are_kept_and_do_not_count(shop: Shop, agent: str) -> None:
    assert await follow(shop, user_agent=agent) is not None
    assert await counted(shop) == [False]


async def test_the_owners_own_clicks_are_kept_and_do_not_count(shop: Shop) -> None:
    await shop.code_for(MIA, address="81.7.7.7", user_agent=PHONE)
    signed_in = await follow(shop, viewer_id=shop.world.people[MIA])
    assert signed_in is not None
    await follow(shop, address="81.7.7.7", user_agent=PHONE)
    await follow(shop, click_id=signed_in.click_id, address="81.5.5.5", now=NOW + timedelta(hours=2))
    assert await counted(shop) == [False] * 3
    await follow(shop, viewer_id=shop.world.people[NOAH], address="81.6.6.6")
    await follow(shop, address="81.7.7.7", user_agent=AGENT)
    assert (await counted(shop)).count(True) == 2


async def test_an_address_of_our_own_network_says_nothing_of_the_owner(shop: Shop) -> None:
    await shop.code_for(MIA, address="127.0.0.1", user_agent=PHONE)
    await follow(shop, address="127.0.0.1", user_agent=PHONE)
    assert await counted(shop) == [True]


async def test_the_first_click_is_kept_where_the_programme_credits_it(shop: Shop) -> None:
    noahs = await shop.code_for(NOAH)
    first = await follow(shop)
    assert first is not None
    last = await follow(shop, code=noahs, click_id=first.click_id, now=NOW + timedelta(days=1))
    assert last is not None
    assert (last.code, last.click_id == first.click_id) == (noahs, False)
    await shop.change(attribution_model="first_click")
    kept = await follow(shop, code=noahs, click_id=first.click_id, now=NOW + timedelta(days=2))
    assert kept == first
    past = await follow(shop, code=noahs, click_id=first.click_id, now=NOW + timedelta(days=91))
    assert past is not None
    assert past.code == noahs


async def test_nothing_is_written_when_it_must_not_be_and_a_foreign_cookie_is_no_click(shop: Shop) -> None:
    assert await follow(shop, may_write=False) == Followed(LANDING, None, shop.code)
    assert await shop.all(ReferralClick) == []
    found = await follow(shop, click_id=uuid4())
    assert found is not None
    assert isinstance(found.click_id, UUID)


async def test_a_programme_that_does_not_run_leads_nowhere(shop: Shop) -> None:
    await shop.change(status="paused")
    assert await follow(shop) is None


async def test_a_conversion_by_click_id_is_dated_by_the_click(shop: Shop) -> None:
    await shop.change(attribution_window_days=10)
    old = await follow(shop, now=NOW - timedelta(days=11))
    new = await follow(shop, now=NOW - timedelta(days=9))
    assert old is not None
    assert new is not None
    late = await shop.tell(click_id=str(old.click_id))
    good = await shop.tell(click_id=str(new.click_id))
    unknown = await shop.tell(click_id="a-click-of-their-own")
    assert [done.answer["status"] for done in (late, good, unknown)] == ["rejected", "approved", "approved"]
    assert (await shop.conversion(good.answer["id"])).clicked_at == NOW - timedelta(days=9)
