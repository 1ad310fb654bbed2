"""The queue: conversions that wait for a person, those that a person decided, and those that the engine turned away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import outbox, sheets
from models import Member, ReferralConversion

TOPIC: Final = "review_desk"
"""Outbox topic; its key is the conversion that came, or was decided or undone."""

Shown = Literal["waiting", "decided", "blocked"]

_SHOWN: Final[Mapping[Shown, ColumnElement[bool]]] = {
    "waiting": col(ReferralConversion.status) == "pending_review",
    "decided": col(ReferralConversion.reviewed_at).is_not(None),
    "blocked": and_(
        col(ReferralConversion.status) == "rejected",
        col(ReferralConversion.fraud_decision) == "block",
        col(ReferralConversion.reviewed_at).is_(None),
    ),
}
ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(ReferralConversion.created_at),
    "score": col(ReferralConversion.fraud_score),
    "order_value": col(ReferralConversion.order_value),
    "decided_at": func.coalesce(col(ReferralConversion.reviewed_at), col(ReferralConversion.created_at)),
}
"""What the queue can be sorted by."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversions; `words` are looked for in both people's names and addresses."""

    shown: Shown = "waiting"
    words: str = ""


async def read_sheet(session: AsyncSession, wanted: Wanted, asked: sheets.Asked) -> sheets.Sheet[ReferralConversion]:
    """Give a page of the queue; raises `InputInvalid` for an unknown `sort`."""
    query = select(ReferralConversion).where(_SHOWN[wanted.shown])
    if wanted.words:
        named = select(Member.id).where(sheets.containing(wanted.words, col(Member.name), col(Member.email)))
        about = sheets.containing(wanted.words, col(ReferralConversion.referred_email))
        query = query.where(or_(about, col(ReferralConversion.referrer_user_id).in_(named)))
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(ReferralConversion.id))


async def count_waiting(session: AsyncSession) -> int:
    """Count what waits for a person."""
    query = select(func.count()).select_from(ReferralConversion).where(_SHOWN["waiting"])
    return (await session.exec(query)).one()


async def count_decisions(session: AsyncSession, *, since: datetime) -> int:
    """Count the decisions that people made since then, whenever the conversion was."""
    query = select(func.count()).select_from(ReferralConversion).where(col(ReferralConversion.reviewed_at) >= since)
    return (await session.exec(query)).one()


async def find_members(session: AsyncSession, user_ids: Collection[UUID | None]) -> dict[UUID, Member]:
    """Give the members among these users."""
    known = [user_id for user_id in user_ids if user_id is not None]
    rows = (await session.exec(select(Member).where(col(Member.id).in_(known)))).all() if known else []
    return {row.id: row for row in rows}


async def announce(session: AsyncSession, actor: Actor, conversion_id: UUID) -> None:
    """Have open desks look again once this transaction, which changes the conversion's standing, has committed."""
    await outbox.enqueue(session, actor, TOPIC, str(conversion_id), {})
