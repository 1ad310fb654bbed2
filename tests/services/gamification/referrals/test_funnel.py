"""The funnel counts each step in the tenant's own days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from bizosaas_app.gateway import job_runner
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.accounts import registration
from bizosaas_app.services.accounts.directory import Referral
from bizosaas_app.services.gamification.referrals import clicks, funnel, reviews, sign_ups, spans, summaries
from bizosaas_app.services.gamification.referrals.clicks import Visit
from bizosaas_app.services.gamification.referrals.spans import Span
from models import ReferralCode, ReferralConversion, ReferralSignUp, Tenant
from tests.support.boards import NOAH
from tests.support.referrals import AGENT, MIA, Shop, days_ago, open_shop

ALWAYS = Span(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


async def click(shop: Shop, number: int, *, code: str | None = None, agent: str = AGENT) -> None:
    async with shop.work() as session:
        row = (await session.exec(select(ReferralCode).where(ReferralCode.code == (code or shop.code)))).one()
        visit = Visit(address=f"81.3.0.{number}", user_agent=agent)
        await clicks.follow(session, row.id, visit, may_write=True, now=utc_now())


async def join(shop: Shop, email: str) -> UUID | None:
    async with shop.work() as session:
        code = (await session.exec(select(ReferralCode).where(ReferralCode.code == shop.code))).one()
        referral = Referral(code.tenant_id, code.id, code.program_id, code.user_id)
        return await registration.join_by_referral(
            session, shop.actor, referral, email=email, name="New", password_hash="$2b$12$x", now=utc_now()
        )


async def count(shop: Shop, span: Span = ALWAYS, **fields: Any) -> tuple[int, ...]:
    async with shop.work() as session:
        found = await funnel.read(session, span, **fields)
    return found.clicks, found.sign_ups, found.conversions, found.approved, found.rewarded


async def test_each_step_is_counted_and_rates_are_shares(shop: Shop) -> None:
    for number in range(1, 11):
        await click(shop, number)
    await click(shop, 11, agent="Twitterbot/1.0")
    assert await join(shop, "one@new.example")
    assert await join(shop, "two@new.example")
    await job_runner.run_waiting(shop.world.resources)
    old = [await shop.approved(occurred_at=days_ago(20)) for _ in range(2)]
    await shop.tell()
    await shop.tell(clicked_at=days_ago(100))
    async with shop.work() as session:
        await reviews.reverse(session, shop.actor, old[0].id, reason="refund", now=utc_now())
    assert await count(shop) == (10, 2, 4, 2, 1)
    async with shop.work() as session:
        rates = (await funnel.read(session, ALWAYS)).rates()
    assert rates == {"sign_up": 0.2, "conversion": 0.4, "approval": 0.5, "reward": 0.5}
    assert await count(shop, Span(days_ago(30), days_ago(10))) == (0, 0, 2, 1, 1)


async def test_a_programme_and_a_member_have_funnels_of_their_own(shop: Shop) -> None:
    other, noahs = await open_shop(shop.world, name="Second", is_default=False), await shop.code_for(NOAH)
    await click(shop, 1)
    await click(shop, 2, code=noahs)
    await click(shop, 3, code=other.code)
    await other.tell()
    await shop.tell(code=noahs)
    people = shop.world.people
    assert await count(shop, program_id=other.program.id) == (1, 0, 1, 1, 0)
    assert await count(shop, owner_id=people[NOAH]) == (1, 0, 1, 1, 0)
    assert await count(shop, owner_id=people[MIA], program_id=shop.program.id) == (1, 0, 0, 0, 0)


async def test_a_sign_up_is_told_once_and_known_when_its_order_comes(shop: Shop) -> None:
    user_id = await join(shop, "new@new.example")
    assert user_id is not None
    assert await shop.facts() == []
    await job_runner.run_waiting(shop.world.resources)
    async with shop.work() as session:
        await sign_ups.tell(session, shop.actor, user_id, now=utc_now())
    assert [(kind, int(value or 0)) for kind, value in await shop.facts()] == [("referral.signed_up", 10)]
    assert await join(shop, "new@new.example") is None
    assert [row.user_id for row in await shop.all(ReferralSignUp)] == [user_id]
    done = await shop.tell(referred_email="new@new.example")
    assert (await shop.conversion(done.answer["id"])).referred_user_id == user_id
    async with shop.work() as session:
        summary = await summaries.read(session, shop.program, shop.world.people[MIA])
    assert (summary.counters.sign_ups, summary.counters.approved, summary.missing_for_next) == (1, 1, 2)


async def test_days_are_those_of_the_tenant(shop: Shop) -> None:
    done = await shop.tell(occurred_at=days_ago(3))
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # the 21st in Berlin
    async with shop.work() as session:
        await session.execute(update(ReferralConversion).values(occurred_at=moment))
        await session.execute(
            update(Tenant).where(col(Tenant.id) == shop.actor.tenant_id).values(timezone="Europe/Berlin")
        )
    for day, expected in ((date(2026, 11, 20), 0), (date(2026, 11, 21), 1)):
        span = spans.read(day, day, "Europe/Berlin", now=utc_now())
        assert (await count(shop, span))[2] == expected
    assert done.is_new


NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_spans_take_days_and_moments_and_default_to_thirty_days() -> None:
    assert spans.read(NOON, NOON + timedelta(hours=1), "UTC", now=NOON) == Span(NOON, NOON + timedelta(hours=1))
    usual = spans.read(None, None, "America/New_York", now=NOON)
    assert usual == Span(datetime(2026, 10, 23, 4, tzinfo=UTC), datetime(2026, 11, 22, 5, tzinfo=UTC))
    month = spans.read(None, None, "Pacific/Auckland", now=NOON, days=30)
    assert (month.end - month.begin).days == 30
    assert month.end == datetime(2026, 11, 22, 11, tzinfo=UTC)
    spring = spans.read(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin", now=NOON)
    assert spring.end - spring.begin == timedelta(hours=23)
    assert spans.read(None, date(2026, 11, 10), "UTC", now=NOON).begin == datetime(2026, 10, 12, tzinfo=UTC)
    assert spans.read_edges(None, date(2026, 11, 10), "UTC") == (None, datetime(2026, 11, 11, tzinfo=UTC))


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    for begin, end in ((date(2026, 11, 22), date(2026, 11, 21)), (NOON, NOON - timedelta(seconds=1))):
        for read in (
            lambda one, two: spans.read(one, two, "UTC", now=NOON),
            lambda one, two: spans.read_edges(one, two, "UTC"),
        ):
            with pytest.raises(InputInvalid) as refused:
                read(begin, end)
            assert list(refused.value.fields) == ["from"]
