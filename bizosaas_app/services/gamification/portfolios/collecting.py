"""Collecting: what the ledger holds of a stretch, for one member or for the whole tenant.

Counted are events that stood in the ledger at `as_of`, are not reversed, and that somebody besides the member
vouches for. Asked again with the same `as_of`, the ledger gives the same answer, unless an event was reversed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, case, cast, desc, not_
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.facts import OWN_TYPES
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios.figures import NAMED_EVENTS, Stretch
from bizosaas_app.services.gamification.portfolios.measures import Activity, Count, Place
from bizosaas_app.services.overview.ledger_view import live_events
from models import GamificationEvent, Tenant
from models.base import AMOUNT

Q = TypeVar("Q", bound=Any)

_EVENT: Final = GamificationEvent
_UNVERIFIED: Final[tuple[dict[str, Any], ...]] = ({"self_reported": True}, {"verified": False})
_AMOUNT: Final = r"^[0-9]{1,15}(\.[0-9]{1,4})?$"
"""An amount as a text that can be cast; anything else is no money."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events: one member's, or (without one) everybody's in the tenant; known up to `as_of`."""

    user_id: UUID | None
    as_of: datetime


def period_before(stretch: Stretch) -> Stretch:
    """Give the stretch of the same length that ends where this one begins: the baseline."""
    ends = stretch.begins - timedelta(days=1)
    return Stretch(ends - timedelta(days=stretch.days - 1), ends)


async def read(session: AsyncSession, stretch: Stretch, scope: Scope) -> Activity:
    """Read the activity of a stretch of the tenant's days."""
    tenant = (await session.exec(select(Tenant))).one()
    window = _Window(stretch, scope, tenant.timezone)
    by_type = await _by_type(session, window)
    actions = [(kind, found) for kind, found in by_type.items() if kind not in OWN_TYPES]
    latest = sorted((item for _, found in actions for item in found.event_ids), reverse=True)
    return Activity(
        stretch=stretch,
        by_type=by_type,
        actions=Count(
            sum(found.events for _, found in actions),
            sum((found.total for _, found in actions), Decimal(0)),
            tuple(latest[:NAMED_EVENTS]),
        ),
        orders=await _orders(session, window, tenant.currency),
        currency=tenant.currency,
        points_by_day=await _points_by_day(session, window),
        members=await _members(session, window) if scope.user_id is None else 0,
        place=await _place(session, window, scope.user_id) if scope.user_id is not None else None,
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of the tenant's days as moments."""

    stretch: Stretch
    scope: Scope
    timezone: str

    def narrow(self, query: Q, *, of_everybody: bool = False) -> Q:
        """Narrow a query over the ledger to what counts here."""
        local = zone(self.timezone)
        begins = datetime.combine(self.stretch.begins, time(), local).astimezone(UTC)
        ends = datetime.combine(self.stretch.ends + timedelta(days=1), time(), local).astimezone(UTC)
        narrowed: Q = live_events(query).where(
            col(_EVENT.occurred_at) >= begins,
            col(_EVENT.occurred_at) < ends,
            col(_EVENT.received_at) <= self.scope.as_of,
            *(not_(col(_EVENT.properties).contains(marks)) for marks in _UNVERIFIED),
        )
        if self.scope.user_id is not None and not of_everybody:
            narrowed = narrowed.where(col(_EVENT.user_id) == self.scope.user_id)
        return narrowed


async def _by_type(session: AsyncSession, window: _Window) -> dict[str, Count]:
    query = window.narrow(select(col(_EVENT.type), func.count(), _total(), _latest_ids())).group_by(col(_EVENT.type))
    return {kind: _count(events, total, ids) for kind, events, total, ids in await session.exec(query)}


async def _orders(session: AsyncSession, window: _Window, currency: str) -> Count:
    """Add up `amount` of the orders that tell one: `{"amount", "currency"}`, or a plain amount in the tenant's own."""
    amount = col(_EVENT.properties)["amount"]
    text = case((func.jsonb_typeof(amount) == "object", amount["amount"].astext), else_=amount.astext)
    theirs = func.coalesce(amount["currency"].astext, col(_EVENT.properties)["currency"].astext, currency)
    # The order of evaluation is the planner's own affair; inside a CASE it is ours.
    number = case((text.regexp_match(_AMOUNT), cast(text, AMOUNT)), else_=None)
    query = window.narrow(select(func.count(number), func.coalesce(func.sum(number), 0), _latest_ids())).where(
        col(_EVENT.type) == "order.completed", theirs == currency, text.regexp_match(_AMOUNT)
    )
    return _count(*(await session.exec(query)).one())


async def _points_by_day(session: AsyncSession, window: _Window) -> dict[date, Decimal]:
    local_day = func.date(func.timezone(window.timezone, col(_EVENT.occurred_at)))
    query = window.narrow(select(local_day, _total())).where(col(_EVENT.type).not_in(OWN_TYPES)).group_by(local_day)
    rows = (await session.exec(query)).all()
    return {row[0]: row[1] for row in rows}


async def _members(session: AsyncSession, window: _Window) -> int:
    query = window.narrow(select(func.count(col(_EVENT.user_id).distinct()))).where(col(_EVENT.type).not_in(OWN_TYPES))
    return (await session.exec(query)).one()


async def _place(session: AsyncSession, window: _Window, user_id: UUID) -> Place | None:
    """Rank everybody by their points of the stretch; equal points share a place."""
    sums = (
        window.narrow(select(col(_EVENT.user_id).label("user_id"), _total().label("points")), of_everybody=True)
        .where(col(_EVENT.user_id).is_not(None), col(_EVENT.type).not_in(OWN_TYPES))
        .group_by(col(_EVENT.user_id))
        .having(_total() > 0)
        .subquery()
    )
    ranked = select(
        sums.c.user_id,
        func.rank().over(order_by=desc(sums.c.points)).label("rank"),
        func.count().over().label("among"),
    ).subquery()
    row = (await session.exec(select(ranked.c.rank, ranked.c.among).where(ranked.c.user_id == user_id))).one_or_none()
    return None if row is None else Place(*row)


def _total() -> Any:
    return func.coalesce(func.sum(col(_EVENT.value)), 0)


def _latest_ids() -> Any:
    """Give the ids of the latest events of a group; the array is cut in the database."""
    ordered = aggregate_order_by(col(_EVENT.event_id), col(_EVENT.occurred_at).desc())
    return func.array_agg(ordered, type_=ARRAY(Uuid))[1:NAMED_EVENTS]


def _count(events: int, total: Decimal | int, ids: list[UUID] | None) -> Count:
    return Count(events, Decimal(total), tuple(str(item) for item in ids or ()))
