"""Tenants: making one, finding it, and closing its doors."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from babel.numbers import list_currencies
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import timezones
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import epochs, sessions
from models import Tenant

Kind = Literal["operator", "customer"]
Status = Literal["active", "suspended"]

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_LENGTH: Final = 63
"""A slug can become a DNS label (RFC 1035)."""


class SlugTaken(Conflict):
    """Another tenant has this slug."""

    code = "slug_taken"
    title = "This short name is taken"


async def create_tenant(
    session: AsyncSession,
    actor: Actor,
    *,
    slug: str,
    name: str,
    now: datetime,
    kind: Kind = "customer",
    timezone: str = "UTC",
    currency: str = "EUR",
) -> Tenant:
    """Write the tenant whose id the actor (`Actor.system(new_id())`) carries.

    Raises `SlugTaken`, or `InputInvalid` for `slug`, `timezone` or `currency`.
    """
    _check(slug, timezone, currency)
    row = Tenant(
        id=actor.tenant_id, slug=slug, name=name, kind=kind, timezone=timezone, currency=currency, created_at=now
    )
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise SlugTaken from error
    await audit.record(session, actor, action="tenants.created", subject=f"tenant:{row.id}", detail={"slug": slug})
    return row


async def get_tenant(session: AsyncSession, tenant_id: UUID) -> Tenant:
    """Give the session's own tenant, or raise `NotFound`."""
    row = (await session.exec(select(Tenant).where(Tenant.id == tenant_id))).one_or_none()
    if row is None:
        raise NotFound
    return row


async def is_active(session: AsyncSession, tenant_id: UUID) -> bool:
    """Say whether the session's own tenant is not suspended; raises `NotFound`."""
    return (await get_tenant(session, tenant_id)).is_active


async def change_status(session: AsyncSession, actor: Actor, *, status: Status, now: datetime) -> bool:
    """Suspend the actor's tenant, which ends every session of its people, or open it again; False when it was so.

    In force at the next request: of sessions, API keys, sockets, showcases and referral links.
    """
    row = await get_tenant(session, actor.tenant_id)
    if row.status == status:
        return False
    await audit.record(
        session, actor, action="tenants.status_changed", subject=f"tenant:{row.id}", detail={"to": status}
    )
    row.status = status
    session.add(row)
    if status == "suspended":
        await sessions.end_everybodys(session, reason="suspended", now=now)
    await epochs.end(session, actor, "tenant", row.id)
    return True


async def read_timezone(session: AsyncSession) -> str:
    """Give the tenant's time zone."""
    return (await session.exec(select(Tenant.timezone))).one()


def _check(slug: str, timezone: str, currency: str) -> None:
    wrong: dict[str, str] = {}
    if not _SLUG.fullmatch(slug) or len(slug) > _SLUG_LENGTH:
        wrong["slug"] = "Use small letters, digits and single hyphens, at most 63 characters"
    wrong |= unknown(timezone, currency)
    if wrong:
        raise InputInvalid(wrong)


def unknown(timezone: str, currency: str) -> dict[str, str]:
    """Say, by field, which of the two is none that we know."""
    wrong: dict[str, str] = {}
    if timezone not in timezones.names():
        wrong["timezone"] = "Use an IANA name such as Europe/Berlin"
    if currency not in list_currencies():
        wrong["currency"] = "Use an ISO 4217 code such as EUR"
    return wrong
