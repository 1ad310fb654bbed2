"""What counts: the owner's days in the tenant's zone, as the ledger stood, without what nobody vouches for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.portfolios import collecting
from bizosaas_app.services.gamification.portfolios.collecting import Scope
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from bizosaas_app.services.gamification.portfolios.measures import Activity, Place
from models import Tenant
from tests.support.boards import MIA, NOAH, OLGA, Arena, arena, event

__all__ = ["arena"]

DAY = date(2026, 10, 5)


def at(hour: int, minute: int = 0, *, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


async def read(arena: Arena, stretch: Stretch, email: str | None = None, as_of: datetime | None = None) -> Activity:
    scope = Scope(arena.person(email) if email else None, as_of or utc_now())
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        return await collecting.read(session, stretch, scope)


async def test_one_members_events_of_the_days_are_counted_by_kind(arena: Arena) -> None:
    mia = arena.person(MIA)
    await arena.append(
        event(mia, 40, type="order.completed", occurred_at=at(0)),
        event(mia, 2, type="order.completed", occurred_at=at(23, 59)),
        event(mia, 7, occurred_at=at(12, day=DAY + timedelta(days=1))),
        event(mia, 100, occurred_at=at(23, 59, day=DAY - timedelta(days=1))),
        event(arena.person(NOAH), 1000, occurred_at=at(12)),
    )
    found = await read(arena, Stretch(DAY, DAY + timedelta(days=1)), MIA)
    assert {kind: (count.events, count.total) for kind, count in found.by_type.items()} == {
        "order.completed": (2, Decimal(42)),
        "task.completed": (1, Decimal(7)),
    }
    assert (found.actions.events, found.actions.total, len(found.actions.event_ids)) == (3, Decimal(49), 3)
    assert found.points_by_day == {DAY: Decimal(42), DAY + timedelta(days=1): Decimal(7)}


async def test_the_whole_tenant_counts_everybody_and_nobodys(arena: Arena) -> None:
    people = [arena.person(email) for email in (MIA, NOAH)]
    await arena.append(*(event(person, 5, occurred_at=at(9)) for person in (*people, None)))
    found = await read(arena, Stretch(DAY, DAY))
    assert (found.actions.events, found.members, found.place) == (3, 2, None)


async def test_days_begin_at_midnight_where_the_tenant_is(arena: Arena) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        tenant = await session.get_one(Tenant, arena.world.tenants["acme-corp"])
        tenant.timezone = "America/New_York"
        session.add(tenant)
    mia = arena.person(MIA)
    await arena.append(event(mia, 1, occurred_at=at(3, 59)), event(mia, 10, occurred_at=at(4)))
    found = await read(arena, Stretch(DAY, DAY), MIA)
    assert (found.actions.total, dict(found.points_by_day)) == (Decimal(10), {DAY: Decimal(10)})


async def test_reversed_and_self_reported_events_do_not_count(arena: Arena) -> None:
    mia = arena.person(MIA)
    kept, gone = event(mia, 1, occurred_at=at(9)), event(mia, 10, occurred_at=at(10))
    told = [{"self_reported": True}, {"verified": False}]
    own = [event(mia, 100, occurred_at=at(11), properties=properties) for properties in told]
    await arena.append(kept, gone, *own, event(mia, 2, occurred_at=at(12), properties={"verified": True}))
    await arena.reverse(gone.event_id)
    found = await read(arena, Stretch(DAY, DAY), MIA)
    assert (found.actions.events, found.actions.total) == (2, Decimal(3))


async def test_asked_as_of_a_moment_the_ledger_answers_as_it_stood_then(arena: Arena) -> None:
    mia = arena.person(MIA)
    moment = utc_now()
    await arena.append(event(mia, 1, occurred_at=at(9)), now=moment - timedelta(minutes=2))
    await arena.append(event(mia, 10, occurred_at=at(9, 30)), now=moment)
    assert (await read(arena, Stretch(DAY, DAY), MIA, moment - timedelta(minutes=1))).actions.total == 1
    assert (await read(arena, Stretch(DAY, DAY), MIA, moment)).actions.total == 11


async def test_orders_are_added_up_where_their_amount_is_money_of_the_tenant(arena: Arena) -> None:
    amounts = [
        {"amount": {"amount": "12.50", "currency": "EUR"}},
        {"amount": "7.5"},
        {"amount": 20},
        {"amount": "100", "currency": "USD"},
        {"amount": {"amount": "100", "currency": "USD"}},
        {"amount": "a lot"},
        {"amount": "-5"},
        {"amount": ["12"]},
        {"amount": "9" * 40},
        {},
    ]
    mia = arena.person(MIA)
    await arena.append(
        *(event(mia, 1, type="order.completed", occurred_at=at(9), properties=item) for item in amounts),
        event(mia, 1, type="lead.won", occurred_at=at(9), properties={"amount": "1000"}),
    )
    found = await read(arena, Stretch(DAY, DAY), MIA)
    assert (found.orders.events, found.orders.total, found.currency) == (3, Decimal("40.00"), "EUR")


async def test_a_place_is_shared_by_equals_and_counts_those_with_points(arena: Arena) -> None:
    points = {"admin@acme.example": 50, MIA: 30, NOAH: 30, OLGA: 0}
    await arena.append(*(event(arena.person(email), value, occurred_at=at(9)) for email, value in points.items()))
    places = [(await read(arena, Stretch(DAY, DAY), email)).place for email in points]
    assert places == [Place(1, 3), Place(2, 3), Place(2, 3), None]


def test_the_baseline_is_as_long_as_the_period_and_ends_before_it() -> None:
    assert collecting.period_before(Stretch(date(2026, 3, 1), date(2026, 3, 31))) == Stretch(
        date(2026, 1, 29), date(2026, 2, 28)
    )
