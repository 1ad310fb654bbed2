"""Programmes: making and changing them, and the one that every tenant begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import SQLColumnExpression, case, exists, func, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit, sheets
from bizosaas_app.services.gamification.referrals import program_rules, tiers
from bizosaas_app.services.gamification.referrals.tiers import Tier
from bizosaas_app.services.tenants import records
from models import ReferralCode, ReferralConversion, ReferralProgram, RewardEntry

NO_SUCH_PROGRAM: Final = "There is no such referral programme"
PLATFORM: Final = "bizosaas"
_MOST_OF_ONE: Final = 50
"""Programmes of one member that are listed; a tenant has a handful."""

DEFAULT_TIERS: Final = (
    Tier(key="bronze", name="Bronze", threshold=1, reward=Decimal(10)),
    Tier(key="silver", name="Silver", threshold=5, reward=Decimal(15)),
    Tier(key="gold", name="Gold", threshold=15, reward=Decimal(25)),
    Tier(key="platinum", name="Platinum", threshold=40, reward=Decimal(40)),
)
_DEFAULTS: Final[Mapping[str, Any]] = {
    "name": "Refer a friend",
    "platform": PLATFORM,
    "status": "active",
    "is_default": True,
    "qualifying_event": "order.completed",
    "min_payout": Decimal(20),
}
"""Of the programme that a new tenant is given; the rest is as the model says."""

_FIXED: Final = ("currency", "reward_kind")
"""What cannot change once conversions were counted in it."""


class ProgramNotActive(Conflict):
    """The programme takes nothing: it is a draft, paused or archived."""

    code = "program_not_active"
    title = "This referral programme is not running"


class ProgramArchived(Conflict):
    """An archived programme is history."""

    code = "program_archived"
    title = "An archived programme cannot be changed"


class ProgramInUse(Conflict):
    """What conversions were rewarded in cannot change under them."""

    code = "program_in_use"
    title = "The programme has conversions: its currency and kind of reward stay; begin a new one instead"


async def create(session: AsyncSession, actor: Actor, *, fields: Mapping[str, Any], now: datetime) -> ReferralProgram:
    """Write a programme; `fields` are its columns with `tiers` parsed, a missing currency is the tenant's.

    Raises `InputInvalid`.
    """
    currency = fields.get("currency") or (await records.get_tenant(session, actor.tenant_id)).currency
    told = {**fields, "currency": currency, "tenant_id": actor.tenant_id, "created_at": now, "updated_at": now}
    row = ReferralProgram(**{**told, "tiers": []})
    await _write(session, row, told)
    await audit.record(
        session, actor, action="referrals.program_created", subject=f"program:{row.id}", detail={"name": row.name}
    )
    return row


async def change(
    session: AsyncSession, actor: Actor, program_id: UUID, *, fields: Mapping[str, Any], now: datetime
) -> ReferralProgram:
    """Change these columns of a programme, if any; archiving is for good.

    Raises `NotFound`, `ProgramArchived`, `ProgramInUse` or `InputInvalid`.
    """
    query = select(ReferralProgram).where(ReferralProgram.id == program_id).with_for_update(key_share=True)
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_PROGRAM)
    if row.status == "archived":
        raise ProgramArchived
    if not fields:
        return row
    is_moved = any(name in fields and fields[name] != getattr(row, name) for name in _FIXED)
    if is_moved and await _has_conversions(session, program_id):
        raise ProgramInUse
    is_archived = fields.get("status") == "archived"
    await _write(session, row, {**fields, "updated_at": now, "archived_at": now if is_archived else None})
    await audit.record(
        session,
        actor,
        action="referrals.program_changed",
        subject=f"program:{row.id}",
        detail={"fields": sorted(fields), "status": row.status},
    )
    return row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which programmes: whose name has the words in it, of a status; all if nothing is named."""

    words: str = ""
    status: str | None = None


ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(ReferralProgram.created_at),
    "name": func.lower(col(ReferralProgram.name)),
    "status": col(ReferralProgram.status),
    "updated_at": col(ReferralProgram.updated_at),
}
"""What the list of programmes can be sorted by."""


async def read_sheet(session: AsyncSession, wanted: Wanted, asked: sheets.Asked) -> sheets.Sheet[ReferralProgram]:
    """Give a page of the programmes, archived ones included; raises `InputInvalid` for an unknown `sort`."""
    query = select(ReferralProgram)
    if wanted.words:
        query = query.where(sheets.containing(wanted.words, col(ReferralProgram.name)))
    if wanted.status is not None:
        query = query.where(ReferralProgram.status == wanted.status)
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(ReferralProgram.id))


async def get(session: AsyncSession, actor: Actor, program_id: UUID | None) -> ReferralProgram:
    """Give the programme, or the default one when none is named: that of the actor's platform first.

    Raises `NotFound`.
    """
    if program_id is not None:
        query = select(ReferralProgram).where(ReferralProgram.id == program_id)
    else:
        query = select(ReferralProgram).where(col(ReferralProgram.is_default))
        query = query.order_by(_nearness(actor.platform), col(ReferralProgram.created_at)).limit(1)
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_PROGRAM)
    return row


async def list_of(session: AsyncSession, actor: Actor, user_id: UUID) -> list[ReferralProgram]:
    """Give the programmes that a member takes part in: the default one first, then where they have code or rewards."""
    takes_part = or_(
        col(ReferralProgram.id).in_(select(ReferralCode.program_id).where(ReferralCode.user_id == user_id)),
        col(ReferralProgram.id).in_(select(RewardEntry.program_id).where(RewardEntry.user_id == user_id)),
    )
    query = (
        select(ReferralProgram).where(takes_part).order_by(func.lower(col(ReferralProgram.name))).limit(_MOST_OF_ONE)
    )
    rows = list((await session.exec(query)).all())
    try:
        default = await get(session, actor, None)
    except NotFound:
        return rows
    return [default, *(row for row in rows if row.id != default.id)]


async def ensure_defaults(session: AsyncSession, actor: Actor, *, landing_url: str, now: datetime) -> None:
    """Write the default programme of a tenant that has no programme at all; friends land at `landing_url`."""
    if (await session.exec(select(exists(select(ReferralProgram.id))))).one():
        return
    currency = (await records.get_tenant(session, actor.tenant_id)).currency
    row = ReferralProgram(
        tenant_id=actor.tenant_id,
        id=new_id(),
        **_DEFAULTS,
        landing_url=landing_url,
        currency=currency,
        tiers=[tier.document() for tier in DEFAULT_TIERS],
        created_at=now,
        updated_at=now,
    )
    # Two first requests at once: the unique index lets one of them win.
    await session.execute(insert(ReferralProgram).values(row.model_dump()).on_conflict_do_nothing())


async def _write(session: AsyncSession, row: ReferralProgram, fields: Mapping[str, Any]) -> None:
    known = fields["tiers"] if "tiers" in fields else tiers.read(row.tiers)
    program_rules.check({**row.model_dump(), **fields, "tiers": known})
    for name, value in {**fields, "tiers": [tier.document() for tier in known]}.items():
        setattr(row, name, value)
    if row.is_default:
        others = update(ReferralProgram).where(
            col(ReferralProgram.platform) == row.platform,
            col(ReferralProgram.id) != row.id,
            col(ReferralProgram.is_default),
        )
        await session.execute(others.values(is_default=False))
    session.add(row)
    await session.flush()


async def _has_conversions(session: AsyncSession, program_id: UUID) -> bool:
    query = select(exists(select(ReferralConversion.id).where(ReferralConversion.program_id == program_id)))
    return bool((await session.exec(query)).one())


def _nearness(platform: str) -> Any:
    return case((col(ReferralProgram.platform) == platform, 0), (col(ReferralProgram.platform) == PLATFORM, 1), else_=2)
