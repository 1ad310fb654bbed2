"""Choices: the thresholds that a tenant sets over those of its programmes, and whether it shares signals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.fraud import reputation
from bizosaas_app.services.gamification.fraud.verdicts import Thresholds
from models import FraudSettings

NEVER: Final = 101
"""A block threshold that no score reaches."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a tenant chose; `thresholds` None leaves each programme its own."""

    thresholds: Thresholds | None = None
    shares_signals: bool = False


async def get(session: AsyncSession) -> Choices:
    """Give the tenant's choices: those of the beginning, when none were made."""
    row = (await session.exec(select(FraudSettings))).one_or_none()
    if row is None:
        return Choices()
    has_own = row.review_threshold is not None and row.block_threshold is not None
    own = Thresholds(row.review_threshold or 0, row.block_threshold or 0) if has_own else None
    return Choices(own, row.shares_signals)


async def put(session: AsyncSession, actor: Actor, choices: Choices, *, now: datetime) -> None:
    """Choose, and write it down in the audit log; who stops sharing takes back all that was told.

    Raises `InputInvalid` for thresholds out of order.
    """
    own = choices.thresholds
    if own is not None and not 0 < own.review <= own.block <= NEVER:
        raise InputInvalid({"block_threshold": f"Must be from the review threshold to {NEVER}, which never rejects"})
    values = {
        "review_threshold": own.review if own else None,
        "block_threshold": own.block if own else None,
        "shares_signals": choices.shares_signals,
        "updated_at": now,
        "updated_by": actor.user_id,
    }
    statement = insert(FraudSettings).values(tenant_id=actor.tenant_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))
    withdrawn = 0 if choices.shares_signals else await reputation.withdraw(session)
    detail = {name: values[name] for name in ("review_threshold", "block_threshold", "shares_signals")}
    await audit.record(session, actor, action="fraud.settings_changed", detail={**detail, "withdrawn": withdrawn})
