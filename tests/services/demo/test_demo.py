"""The demo data is the same everywhere, written once, and its days run on to today."""

from __future__ import annotations

from datetime import date

from sqlmodel import func, select

from bizosaas_app.gateway import relay
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.services import demo
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.demo import activity, cast
from models import GamificationEvent, LeaderboardEntry, User


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


async def counts(resources: Resources, slug: str) -> tuple[int, int, int]:
    async with resources.database.doors() as session:
        tenant_id = await directory.find_tenant(session, slug)
    assert tenant_id is not None
    async with resources.database.unit_of_work(Actor.system(tenant_id)) as session:
        users = (await session.exec(select(func.count()).select_from(User))).one()
        events = (await session.exec(select(func.count()).select_from(GamificationEvent))).one()
        entries = (await session.exec(select(func.count()).select_from(LeaderboardEntry))).one()
    return users, events, entries


async def test_seeding_twice_writes_once(resources: Resources) -> None:
    async with relay.running():
        await demo.ensure()
        first = [await counts(resources, company.slug) for company in cast.COMPANIES]
        await demo.ensure()
        assert [await counts(resources, company.slug) for company in cast.COMPANIES] == first
    for users, events, entries in first:
        assert users == cast.MEMBERS_PER_TENANT + 2
        assert events > 1000
        assert entries > users
