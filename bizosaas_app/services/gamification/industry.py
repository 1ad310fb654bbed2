"""Industries: where a tenant stands among those of its kind that take part, without seeing any of them.

The database itself keeps the floor: the door answers for groups of at least five, with ranks and quarters only.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.periods import Window
from models import Tenant

SMALLEST_GROUP: Final = 5
"""Tenants, the asking one among them; the door (revision 0014) has the same number."""

NAME_IT: Final = "Name your industry under Organisation first"


@dataclass(frozen=True, slots=True)
class Standing:
    """Rank among `of` tenants by points per active member; quarters are of the whole group, rounded."""

    rank: int
    of: int
    own: Decimal
    lower_quarter: Decimal
    middle: Decimal
    upper_quarter: Decimal


@dataclass(frozen=True, slots=True)
class Industry:
    """What the tenant calls its industry, whether it takes part, and its standing where one may be shown."""

    name: str | None
    shares: bool
    standing: Standing | None


async def read(session: AsyncSession, window: Window) -> Industry:
    """Give the tenant's industry with its standing in this window."""
    tenant = (await session.exec(select(Tenant))).one()
    found = (await session.execute(text("SELECT * FROM app.industry_standing(:span)"), {"span": window})).one_or_none()
    return Industry(tenant.industry, tenant.shares_standing, None if found is None else Standing(*found))


async def change(session: AsyncSession, actor: Actor, *, name: str | None, shares: bool) -> None:
    """Say which industry the tenant belongs to, and whether it takes part in the comparison."""
    tenant = (await session.exec(select(Tenant).with_for_update())).one()
    await _write(session, actor, tenant, normal(name), shares=shares)


async def share(session: AsyncSession, actor: Actor, *, shares: bool) -> None:
    """Take part in the comparison with the industry that is known, or leave it; raises `InputInvalid` for none."""
    tenant = (await session.exec(select(Tenant).with_for_update())).one()
    if shares and tenant.industry is None:
        raise InputInvalid({"industry": NAME_IT}, NAME_IT)
    await _write(session, actor, tenant, tenant.industry, shares=shares)


async def _write(session: AsyncSession, actor: Actor, tenant: Tenant, name: str | None, *, shares: bool) -> None:
    tenant.industry, tenant.shares_standing = name, shares
    session.add(tenant)
    detail = {"industry": tenant.industry, "shares": shares}
    await audit.record(session, actor, action="leaderboards.industry", subject=f"tenant:{tenant.id}", detail=detail)


def normal(name: str | None) -> str | None:
    """Give the words in small letters with single spaces, so that the same words make the same group."""
    return " ".join(name.lower().split()) or None if name is not None else None
