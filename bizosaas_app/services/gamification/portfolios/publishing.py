"""Publishing: putting a showcase before everybody, with consent, and taking it down at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import number_guard
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import ledger, people, people_locks, projector
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.gamification.people import Person
from bizosaas_app.services.gamification.portfolios import figures, news
from models import ReferralCode, ShowcasePortfolio, Tenant

PUBLISHED: Final = "showcase.published"
"""The ledger's fact that a member has published a showcase; the first time counts."""
_NAMESPACE: Final = UUID("0d7f9c6a-41f5-4b57-9f0e-6a1f1d3c8b52")
_NEEDED: Final = ("client_name", "figures")


class ConsentMissing(Conflict):
    """What the page would show needs a consent that was not given; `missing` names the fields."""

    code = "consent_missing"
    title = "The consent of the client is missing"


class NumberUnbound(Conflict):
    """A text names a number that is no figure any more; `sections` names the texts."""

    code = "number_unbound"
    title = "A text names a number that is none of the figures"


@dataclass(frozen=True, slots=True)
class PublicShowcase:
    """What the public page is made of; `person` is None where the page is the whole tenant's."""

    row: ShowcasePortfolio
    tenant: Tenant
    person: Person | None
    referral_code: str | None


def missing_consents(row: ShowcasePortfolio) -> list[str]:
    """Give the consents that the page needs and lacks."""
    needed = (*_NEEDED, "quote") if row.quote else _NEEDED
    return [name for name in needed if row.consents.get(name) is not True]


async def make_ready(session: AsyncSession, actor: Actor, owner_id: UUID) -> None:
    """Take the locks that publishing needs, in the ledger's own order, before the row's."""
    await projector.lock_shared(session, actor.tenant_id)
    await people_locks.hold(session, actor.tenant_id, [owner_id])


async def publish(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, *, now: datetime) -> None:
    """Put a written showcase before everybody; a second time changes nothing.

    The caller was made ready, and holds the row. Raises `ConsentMissing` or `NumberUnbound`.
    """
    lacking = missing_consents(row)
    if lacking:
        message = f"Publishing needs the consent for: {', '.join(name.replace('_', ' ') for name in lacking)}"
        raise ConsentMissing(message, data={"missing": lacking})
    if row.is_public:
        return
    _check_numbers(row)
    row.status, row.published_at, row.unpublished_at, row.failure = "published", now, None, None
    await _save(session, actor, row, now)
    await audit.record(session, actor, action="portfolio.published", subject=f"portfolio:{row.id}")
    fact = NewEvent(
        event_id=uuid5(_NAMESPACE, f"{row.tenant_id}/{row.id}"),
        type=PUBLISHED,
        user_id=row.owner_user_id,
        properties={"portfolio_id": str(row.id), "template": row.template},
        occurred_at=now,
    )
    await ledger.append(session, actor, [fact], now=now, source="service")


def _check_numbers(row: ShowcasePortfolio) -> None:
    """Refuse texts that a reversal has made untrue since they were written."""
    known = figures.load_all(row.figures)
    texts = {item["key"]: item["text"] for item in row.sections} | ({"quote": row.quote["text"]} if row.quote else {})
    unbound = [key for key, text in texts.items() if number_guard.find_faults(text, known)]
    if unbound:
        raise NumberUnbound(data={"sections": unbound})


async def unpublish(
    session: AsyncSession, actor: Actor, row: ShowcasePortfolio, *, now: datetime, failure: str | None = None
) -> None:
    """Take a showcase down; its address answers 404 from the commit on. `failure` says why we did."""
    if not row.is_public:
        return
    row.status, row.unpublished_at, row.failure = "unpublished", now, failure
    await _save(session, actor, row, now)
    await audit.record(session, actor, action="portfolio.unpublished", subject=f"portfolio:{row.id}")


async def take_down_without_consent(
    session: AsyncSession, actor: Actor, row: ShowcasePortfolio, *, now: datetime
) -> None:
    """Take a showcase down that shows what nobody consents to any more."""
    if missing_consents(row):
        await unpublish(session, actor, row, now=now)


async def find_public(session: AsyncSession, portfolio_id: UUID) -> PublicShowcase | None:
    """Give a published showcase of an active tenant, with its owner as others may see them now."""
    query = (
        select(ShowcasePortfolio, Tenant)
        .join(Tenant, col(Tenant.id) == ShowcasePortfolio.tenant_id)
        .where(ShowcasePortfolio.id == portfolio_id, ShowcasePortfolio.status == "published")
    )
    found = (await session.exec(query)).one_or_none()
    if found is None or not found[1].is_active:
        return None
    return await _as_seen(session, *found)


async def look_ahead(session: AsyncSession, row: ShowcasePortfolio) -> PublicShowcase:
    """Give a showcase as its page would show it if it were published now."""
    return await _as_seen(session, row, (await session.exec(select(Tenant))).one())


async def _as_seen(session: AsyncSession, row: ShowcasePortfolio, tenant: Tenant) -> PublicShowcase:
    person = (await people.find_people(session, [row.owner_user_id])).get(row.owner_user_id)
    code = (await find_codes(session, [row.owner_user_id])).get(row.owner_user_id)
    return PublicShowcase(row, tenant, person if row.scope == "member" else None, code)


async def find_codes(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the referral codes of those who show themselves by name.

    A code is passed from friend to friend: beside a pseudonym it would tell who it is.
    """
    persons = await people.find_people(session, user_ids)
    named = [user_id for user_id, person in persons.items() if person.privacy == people.PUBLIC]
    query = (
        select(ReferralCode.user_id, ReferralCode.code)
        .where(col(ReferralCode.user_id).in_(named), ReferralCode.status == "active")
        .order_by(col(ReferralCode.created_at).desc())
    )
    return dict((await session.exec(query)).all())  # of several the eldest: it comes last


async def _save(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, now: datetime) -> None:
    row.updated_at = now
    session.add(row)
    await session.flush()
    await news.tell(session, actor, row.id)
