"""Writes the demo's referrals through their own verbs, week by week, so that the real engine decides on each."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.demo import activity, stories
from bizosaas_app.services.demo.cast import Company
from bizosaas_app.services.gamification import ledger, people_locks
from bizosaas_app.services.gamification.referrals import (
    codes,
    own_facts,
    payouts,
    programs,
    release,
    reviews,
    tracking,
)
from bizosaas_app.services.gamification.referrals.codes import Origin
from models import ReferralClick, ReferralCode, ReferralConversion, ReferralProgram

_WEEK: Final = 7
_REVIEWED_AFTER: Final = timedelta(days=40)
"""What waits longer was decided by the demo's administrator; of the rest some waits for whoever tries the demo."""
_PATIENCE: Final = 60
"""Within so many days the administrator would look at a conversion."""
_PAID_EVERY: Final = 28
_DEMO: Final = or_(
    col(ReferralConversion.external_id).regexp_match(stories.ORDER_PATTERN),
    col(ReferralConversion.external_id).startswith("demo-"),
)
"""What the demo has written; before its orders had numbers, their ids began with `demo-`."""
_NOTES: Final[Mapping[reviews.Decision, str]] = {
    "approve": "Called the customer: the order is theirs",
    "reject": "One person under two names",
}


@dataclass(frozen=True, slots=True)
class _Scene:
    """The tenant with its programme, and its codes by the e-mail of their owners."""

    company: Company
    actor: Actor
    admin_id: UUID
    program: ReferralProgram
    codes: Mapping[str, ReferralCode]


async def live_on(company: Company, actor: Actor, people: Mapping[str, UUID], now: datetime) -> None:
    """Write the days since the last demo conversion; what is there already is left as it is."""
    async with unit_of_work(actor) as session:
        scene = await _set(session, company, actor, people, now)
        last = await _find_last(session)
    first = max(last.date() if last else date.min, now.date() - timedelta(days=activity.DAYS - 1))
    days = [first + timedelta(days=offset) for offset in range((now.date() - first).days + 1)]
    for start in range(0, len(days), _WEEK):
        async with unit_of_work(actor) as session:
            await _write_week(session, scene, days[start : start + _WEEK], now)


async def _set(
    session: AsyncSession, company: Company, actor: Actor, people: Mapping[str, UUID], now: datetime
) -> _Scene:
    begun = now - timedelta(days=activity.DAYS + 1)
    landing = f"{resources().settings.public_url.rstrip('/')}/register"
    await programs.ensure_defaults(session, actor, landing_url=landing, now=begun)
    program = await programs.get(session, actor, None)
    owned: dict[str, ReferralCode] = {}
    for number, email in enumerate(stories.sharers(sorted(people))):
        origin = Origin(device=f"own-{email}", payment=stories.own_card(email), address=f"84.140.{number}.17")
        row, _ = await codes.ensure(session, actor, program, people[email], channel="link", origin=origin, now=begun)
        owned[email] = row
    return _Scene(company, actor, people[f"admin@{company.domain}"], program, owned)


async def _find_last(session: AsyncSession) -> datetime | None:
    query = select(func.max(ReferralConversion.occurred_at)).where(_DEMO)
    found: datetime | None = (await session.exec(query)).one()
    return found


async def _write_week(session: AsyncSession, scene: _Scene, days: Sequence[date], now: datetime) -> None:
    # Several conversions in one transaction: their people's locks all come before whatever else is locked.
    await people_locks.hold(session, scene.actor.tenant_id, [code.user_id for code in scene.codes.values()])
    told = [
        (scene.codes[email], stories.day_of(scene.company.slug, email, number, scene.codes[email].code, day))
        for day in days
        for number, email in enumerate(scene.codes)
    ]
    await _write_clicks(session, scene, told, now)
    await _write_sign_ups(session, scene, told, now)
    orders = sorted((order for _, day in told for order in day.orders), key=lambda order: str(order.occurred_at))
    for order in orders:
        if order.occurred_at is not None and order.occurred_at <= now:
            await tracking.track(session, scene.actor, order, now=order.occurred_at + timedelta(minutes=1))
    await _end_week(session, scene, days, now)


async def _end_week(session: AsyncSession, scene: _Scene, days: Sequence[date], now: datetime) -> None:
    """Let the administrator decide, the holds end and, now and then, what is payable be paid."""
    evening = min(datetime.combine(days[-1], time(23), UTC), now)
    admin = replace(scene.actor, user_id=scene.admin_id)
    for row in await _list_waiting(session):
        if evening - row.occurred_at > min(_REVIEWED_AFTER, timedelta(days=_chance(row) % _PATIENCE)):
            decision = _decide(row)
            await reviews.review(session, admin, row.id, decision=decision, note=_NOTES[decision], now=evening)
    await release.release_due(session, scene.actor, now=evening)
    if any(day.toordinal() % _PAID_EVERY == 0 for day in days):
        with suppress(payouts.BelowMinimumPayout):
            await payouts.pay(session, admin, scene.program, None, note="Monthly payout", now=evening)


def _decide(row: ReferralConversion) -> reviews.Decision:
    """Decide mostly as the engine leans; now and then the administrator knows the customer."""
    return "approve" if row.fraud_score < 60 or _chance(row) % 7 == 0 else "reject"


def _chance(row: ReferralConversion) -> int:
    """Give a number that is the same in every demo."""
    return zlib.crc32(row.external_id.encode())


async def _list_waiting(session: AsyncSession) -> Sequence[ReferralConversion]:
    query = select(ReferralConversion).where(ReferralConversion.status == "pending_review", _DEMO)
    return (await session.exec(query.order_by(col(ReferralConversion.occurred_at)))).all()


async def _write_clicks(
    session: AsyncSession, scene: _Scene, told: Sequence[tuple[ReferralCode, stories.Day]], now: datetime
) -> None:
    rows = [
        ReferralClick(
            tenant_id=scene.actor.tenant_id,
            id=click.id,
            program_id=code.program_id,
            code_id=code.id,
            visitor=click.id.hex,
            address=click.address,
            user_agent=click.user_agent,
            clicked_at=click.clicked_at,
        ).model_dump()
        for code, day in told
        for click in day.clicks
        if click.clicked_at <= now
    ]
    if rows:
        # As one statement for many rows, compiled once; a statement of each week's own size is compiled each time.
        await session.execute(insert(ReferralClick).on_conflict_do_nothing(), rows)


async def _write_sign_ups(
    session: AsyncSession, scene: _Scene, told: Sequence[tuple[ReferralCode, stories.Day]], now: datetime
) -> None:
    """Tell of people who joined on the company's own site: they are no members here."""
    facts = [
        own_facts.sign_up_fact(name, code.user_id, code.id, code.program_id, at)
        for code, day in told
        for name, at in day.sign_ups
        if at <= now
    ]
    if facts:
        await ledger.append(session, scene.actor, facts, now=now, source="service")
