"""Writes the demo data through the services, once, and lets its days run on to today."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import directory, members
from bizosaas_app.services.demo import achievements, activity, cast, referrals, showcases, works
from bizosaas_app.services.demo.cast import Company, Person
from bizosaas_app.services.gamification import board_keeping, boards, ledger, movements, seasons
from bizosaas_app.services.gamification.achievements import defaults
from bizosaas_app.services.gamification.fraud import choices
from bizosaas_app.services.gamification.fraud.choices import Choices
from bizosaas_app.services.tenants import records
from models import GamificationEvent, User

log = get_logger(__name__)

_LOCK: Final = 7_206_402
"""Any number that no other advisory lock uses: several workers start at once, one seeds."""
_BATCH: Final = 500
_SEASONS: Final = timedelta(days=35)
"""So far back the demo's boards have seasons: a month, some weeks and days."""
_TENANT_AGE = timedelta(days=activity.DAYS + 30)


async def ensure(now: datetime | None = None) -> None:
    """Write what is missing of the demo data up to `now`, the present moment if left out; nothing when all is there."""
    async with _alone():
        now = now or utc_now()
        password_hash: str | None = None
        for company in (cast.OPERATOR, *cast.COMPANIES):
            if await _find_tenant(company) is None:
                # One hash for the whole cast: they share a public password, and 140 hashes would take a minute.
                password_hash = password_hash or await resources().hash_pool.hash(cast.PASSWORD)
                await _create(company, password_hash, now)
        for company in cast.COMPANIES:
            tenant_id = await _find_tenant(company)
            if tenant_id is not None:
                await _try_to_live_on(company, tenant_id, now)


async def _try_to_live_on(company: Company, tenant_id: UUID, now: datetime) -> None:
    try:
        await _live_on(company, tenant_id, now)
    except AppError as error:
        # Whoever tries the demo may have ended what its days build on, such as the programme; the server starts.
        log.warning("demo days not written", slug=company.slug, code=error.code, reason=error.message)


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """Hold an advisory lock on a connection of its own while the data is written."""
    async with resources().database.engine.connect() as connection:
        # The other workers wait for as long as the first one writes, which is longer than a statement may take.
        await connection.execute(text("set local statement_timeout = 0"))
        await connection.execute(text("select pg_advisory_lock(:id)"), {"id": _LOCK})
        await connection.commit()
        try:
            yield
        finally:
            await connection.execute(text("select pg_advisory_unlock(:id)"), {"id": _LOCK})
            await connection.commit()


async def _find_tenant(company: Company) -> UUID | None:
    async with resources().database.doors() as session:
        return await directory.find_tenant(session, company.slug)


async def _create(company: Company, password_hash: str, now: datetime) -> None:
    created_at = now - _TENANT_AGE
    people = [cast.ROOT] if company is cast.OPERATOR else cast.people(company)
    actor = Actor.system(new_id())
    async with unit_of_work(actor) as session:
        await records.create_tenant(
            session,
            actor,
            slug=company.slug,
            name=company.name,
            kind=company.kind,
            timezone=company.timezone,
            currency=company.currency,
            now=created_at,
        )
        for number, person in enumerate(people):
            await _add(session, actor, person, password_hash, created_at + timedelta(days=number))
        if company is not cast.OPERATOR:
            await boards.ensure_defaults(session, actor)
            await board_keeping.change(session, actor, "points", {"prizes": cast.PRIZES}, now=created_at)
            await choices.put(session, actor, Choices(shares_signals=True), now=created_at)
    log.info("demo tenant written", slug=company.slug, people=len(people))


async def _add(session: AsyncSession, actor: Actor, person: Person, password_hash: str, now: datetime) -> None:
    await members.add_member(
        session, actor, email=person.email, name=person.name, password_hash=password_hash, role=person.role, now=now
    )


async def _live_on(company: Company, tenant_id: UUID, now: datetime) -> None:
    """Append the days since the last demo event; event ids are deterministic, so nothing is written twice."""
    actor = Actor.system(tenant_id)
    async with unit_of_work(actor) as session:
        people = (await session.exec(select(User.email, User.id).order_by(User.email))).all()
        last = (await session.exec(_last_demo_event())).one()
    cast_emails = {person.email for person in cast.people(company)}
    known = [(email, user_id) for email, user_id in people if email in cast_emails]
    first = max(last.date() if last else date.min, now.date() - timedelta(days=activity.DAYS - 1))
    days = [first + timedelta(days=offset) for offset in range((now.date() - first).days + 1)]
    events = [
        event for day in days for event in activity.day_events(company.slug, known, day) if event.occurred_at <= now
    ]
    for start in range(0, len(events), _BATCH):
        await _append(actor, events[start : start + _BATCH], now)
    await referrals.live_on(company, actor, dict(known), now)
    async with unit_of_work(actor) as session:
        await seasons.close(session, actor, now=now, since=now - _SEASONS)
        await movements.keep(session, now=now)
    async with unit_of_work(actor) as session:
        # Last, so that ninety days are awarded in one go; what comes on later days is awarded as it comes.
        await defaults.ensure(session, actor, now=now)
    await achievements.ensure(actor, company, dict(known), now)
    await showcases.ensure(actor, company, dict(known), now)
    await works.ensure(actor, company, now)


def _last_demo_event() -> SelectOfScalar[datetime]:
    types = [habit.type for habit in activity.HABITS]
    return select(func.max(GamificationEvent.occurred_at)).where(
        col(GamificationEvent.type).in_(types), GamificationEvent.source == "service"
    )


async def _append(actor: Actor, events: Sequence[activity.DemoEvent], now: datetime) -> None:
    facts = [
        ledger.NewEvent(
            event_id=event.event_id,
            type=event.type,
            user_id=event.user_id,
            value=event.value,
            occurred_at=event.occurred_at,
        )
        for event in events
    ]
    async with unit_of_work(actor) as session:
        await ledger.append(session, actor, facts, now=now, source="service")
