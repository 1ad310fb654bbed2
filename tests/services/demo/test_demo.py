"""The demo data is the same everywhere, written once, and its days run on to today."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sqlmodel import func, select, update

from bizosaas_app.gateway import relay
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.services import demo
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.demo import activity, cast, stories, works
from models import (
    Campaign,
    CampaignSend,
    CatalogueItem,
    GamificationEvent,
    LeaderboardEntry,
    Product,
    ReferralClick,
    ReferralConversion,
    ReferralProgram,
    RewardEntry,
    User,
)


def test_the_cast_and_its_days_are_the_same_for_everybody() -> None:
    acme = cast.COMPANIES[0]
    people = cast.people(acme)
    assert people == cast.people(acme)
    assert len({person.email for person in people}) == cast.MEMBERS_PER_TENANT + 2
    members = [(person.email, new_id()) for person in people]
    day = date(2026, 11, 19)
    first, second = (list(activity.day_events(acme.slug, members, day)) for _ in range(2))
    assert first == second
    assert len(first) > 10
    assert {event.occurred_at.date() for event in first} == {day}


def test_orders_have_numbers_that_are_the_same_for_everybody_and_nobody_else_s() -> None:
    acme = cast.COMPANIES[0]
    shared = stories.sharers(sorted(person.email for person in cast.people(acme)))
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]

    def numbers() -> list[str]:
        told = [
            stories.day_of(acme.slug, email, number, "c", day) for day in days for number, email in enumerate(shared)
        ]
        return [order.external_id for day in told for order in day.orders]

    found = numbers()
    assert found == numbers()
    assert len(found) == len(set(found)) > 30
    assert all(re.fullmatch(r"Order [1-9][0-9]{4,}", number) for number in found)


COUNTED = (User, GamificationEvent, LeaderboardEntry, ReferralConversion, ReferralClick, RewardEntry)


async def counts(resources: Resources, slug: str) -> tuple[int, ...]:
    async with resources.database.unit_of_work(await system_of(resources, slug)) as session:
        return tuple([(await session.exec(select(func.count()).select_from(table))).one() for table in COUNTED])


async def system_of(resources: Resources, slug: str) -> Actor:
    async with resources.database.doors() as session:
        tenant_id = await directory.find_tenant(session, slug)
    assert tenant_id is not None
    return Actor.system(tenant_id)


async def test_seeding_twice_writes_once(resources: Resources) -> None:
    now = utc_now()
    async with relay.running():
        await demo.ensure(now)
        first = [await counts(resources, company.slug) for company in cast.COMPANIES]
        await demo.ensure(now)
        assert [await counts(resources, company.slug) for company in cast.COMPANIES] == first
    for users, events, entries, conversions, clicks, rewards in first:
        assert users == cast.MEMBERS_PER_TENANT + 2
        assert events > 1000
        assert entries > users
        assert 30 < conversions < 100
        assert clicks > 300
        assert rewards > 30
    for company in cast.COMPANIES:
        async with resources.database.unit_of_work(await system_of(resources, company.slug)) as session:
            statuses = set((await session.exec(select(ReferralConversion.status))).all())
            rewarded = set((await session.exec(select(ReferralConversion.reward_status))).all())
        assert statuses == {"approved", "pending_review", "rejected"}
        assert rewarded == {"held", "payable", "paid", "none"}
    await _end_the_programmes(resources, "acme-corp")
    await demo.ensure(now)


async def test_the_agency_has_a_paused_campaign_and_products_in_its_catalogue(resources: Resources) -> None:
    async with relay.running():
        await demo.ensure()
        await demo.ensure()
    async with resources.database.unit_of_work(await system_of(resources, works.AGENCY)) as session:
        (campaign,) = (await session.exec(select(Campaign))).all()
        due = (await session.exec(select(func.min(CampaignSend.due_at)))).one()
        catalogue = (await session.exec(select(CatalogueItem.sku).order_by(CatalogueItem.sku))).all()
        products = (await session.exec(select(func.count()).select_from(Product))).one()
    assert campaign.status == "paused"
    assert due > utc_now()
    assert list(catalogue) == ["BAG-COTTON", "MUG-WHITE", "NOTEBOOK-A5"]
    assert products == 4


async def _end_the_programmes(resources: Resources, slug: str) -> None:
    """What somebody who tries the demo may do: the server has to start again all the same."""
    async with resources.database.unit_of_work(await system_of(resources, slug)) as session:
        await session.exec(update(ReferralProgram).values(is_default=False, status="archived", archived_at=utc_now()))
