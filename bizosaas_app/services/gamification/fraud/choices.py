"""Choices: the thresholds that a tenant sets over those of its programmes, and whether it shares signals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

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
Part = Literal["thresholds", "shares_signals"]
PARTS: Final[tuple[Part, ...]] = ("thresholds", "shares_signals")
"""What is chosen on its own."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a tenant chose; `thresholds` None leaves each programme its own."""

    thresholds: Thresholds | None = None
    shares_signals: bool = False


async def get(session: AsyncSession) -> Choices:
    """Give the tenant's choices: those of the beginning, when none were made."""
    row = (await session.exec(select(FraudSettings))).one_or_none()
    return Choices() if row is None else _of(row)


async def put(
    session: AsyncSession, actor: Actor, choices: Choices, *, now: datetime, parts: Collection[Part] = PARTS
) -> Choices:
    """Choose these parts, the others staying as they are, and write it down in the audit log; give all of them.

    Who stops sharing takes back all that was told. Raises `InputInvalid` for thresholds out of order.
    """
    own = choices.thresholds
    if own is not None and not 0 < own.review <= own.block <= NEVER:
        raise InputInvalid({"block_threshold": f"Must be from the review threshold to {NEVER}, which never rejects"})
    values: dict[str, Any] = {"updated_at": now, "updated_by": actor.user_id}
    if "thresholds" in parts:
        values |= {"review_threshold": own.review if own else None, "block_threshold": own.block if own else None}
    if "shares_signals" in parts:
        values["shares_signals"] = choices.shares_signals
    # In one statement, so that two people who choose different parts in the same moment both get theirs.
    first = {"shares_signals": False} | values
    statement = insert(FraudSettings).values(tenant_id=actor.tenant_id, **first)
    statement = statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values)
    await session.execute(statement)
    query = select(FraudSettings).execution_options(populate_existing=True)
    row = (await session.exec(query)).one()
    is_leaving = "shares_signals" in parts and not choices.shares_signals
    withdrawn = await reputation.withdraw(session) if is_leaving else 0
    detail = {name: getattr(row, name) for name in ("review_threshold", "block_threshold", "shares_signals")}
    await audit.record(session, actor, action="fraud.settings_changed", detail={**detail, "withdrawn": withdrawn})
    return _of(row)


def _of(row: FraudSettings) -> Choices:
    has_own = row.review_threshold is not None and row.block_threshold is not None
    own = Thresholds(row.review_threshold or 0, row.block_threshold or 0) if has_own else None
    return Choices(own, row.shares_signals)
