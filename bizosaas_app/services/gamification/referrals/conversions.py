"""Conversions: reading them; a member sees their own, who runs the programmes sees all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import SQLColumnExpression
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services import sheets
from bizosaas_app.services.gamification.referrals.reviews import NO_SUCH_CONVERSION
from models import Member, ReferralConversion

SEE_ALL: Final = "manage_referrals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which conversions: None leaves a condition out; the times are of the conversion itself."""

    words: str | None = None
    status: str | None = None
    decision: str | None = None
    program_id: UUID | None = None
    user_id: UUID | None = None
    begin: datetime | None = None
    end: datetime | None = None

    def conditions(self) -> list[Any]:
        """Give the conditions in SQL."""
        return [
            compare(getattr(self, name)) for name, compare in _CONDITIONS.items() if getattr(self, name) is not None
        ]


_CONDITIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "words": lambda value: sheets.containing(
        value, col(ReferralConversion.referred_email), col(ReferralConversion.external_id)
    ),
    "status": lambda value: col(ReferralConversion.status) == value,
    "decision": lambda value: col(ReferralConversion.fraud_decision) == value,
    "program_id": lambda value: col(ReferralConversion.program_id) == value,
    "user_id": lambda value: col(ReferralConversion.referrer_user_id) == value,
    "begin": lambda value: col(ReferralConversion.occurred_at) >= value,
    "end": lambda value: col(ReferralConversion.occurred_at) < value,
}


def sees_all(actor: Actor) -> bool:
    """Say whether the actor sees everybody's referrals, and why each was judged as it was."""
    return actor.can(SEE_ALL)


def owner_of(actor: Actor, user_id: UUID | None) -> UUID | None:
    """Give whose referrals the actor may see of those of `user_id`; None means everybody's."""
    return user_id if sees_all(actor) else actor.member_id()


def member_of(actor: Actor, user_id: UUID | None) -> UUID:
    """Give whose account is meant, one's own by default; raises `NotPermitted` for another's."""
    if user_id is None or user_id == actor.user_id:
        return actor.member_id()
    actor.require(SEE_ALL)
    return user_id


def mask(email: str) -> str:
    """Give an address so that its owner's friend knows it and nobody learns it."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"


ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(ReferralConversion.created_at),
    "occurred_at": col(ReferralConversion.occurred_at),
    "order_value": col(ReferralConversion.order_value),
    "status": col(ReferralConversion.status),
}
"""What the list can be sorted by."""
_OF_VERDICT: Final[dict[str, SQLColumnExpression[Any]]] = {"fraud_score": col(ReferralConversion.fraud_score)}


async def read_sheet(
    session: AsyncSession, actor: Actor, wanted: Wanted, asked: sheets.Asked
) -> sheets.Sheet[ReferralConversion]:
    """Give a page of the conversions that the actor may see.

    Raises `NotPermitted` for a choice by address or verdict of who may not see them, `InputInvalid` for `sort`.
    """
    if wanted.decision is not None or wanted.words is not None:
        actor.require(SEE_ALL)
    orders = {**ORDERS, **_OF_VERDICT} if sees_all(actor) else ORDERS
    query = select(ReferralConversion).where(*wanted.conditions(), *_own(actor))
    return await sheets.read(session, query, asked, orders=orders, row_id=col(ReferralConversion.id))


async def find_names(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the names of these members, or their addresses where they gave none."""
    query = select(Member.id, Member.name, Member.email).where(col(Member.id).in_(user_ids))
    return {user_id: name or email for user_id, name, email in await session.exec(query)}


async def get(session: AsyncSession, actor: Actor, conversion_id: UUID) -> ReferralConversion:
    """Give one conversion, or raise `NotFound`, also for somebody else's."""
    query = select(ReferralConversion).where(ReferralConversion.id == conversion_id, *_own(actor))
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_CONVERSION)
    return row


def _own(actor: Actor) -> list[Any]:
    owner = owner_of(actor, None)
    return [] if owner is None else [col(ReferralConversion.referrer_user_id) == owner]
