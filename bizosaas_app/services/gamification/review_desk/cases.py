"""Cases: one conversion with all that bears on the decision about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.fraud import choices
from bizosaas_app.services.gamification.fraud.verdicts import Thresholds
from bizosaas_app.services.gamification.referrals import accounts, conversions, standing
from bizosaas_app.services.gamification.review_desk import connections, histories, queue
from bizosaas_app.services.gamification.review_desk.connections import Connections
from bizosaas_app.services.gamification.review_desk.histories import History, Moment
from models import Member, ReferralConversion, ReferralProgram


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an approval would earn the referrer, and from when; `obstacle` says why nothing."""

    reward_kind: str
    value: Decimal
    available_at: datetime | None
    obstacle: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A conversion and what a reviewer should know; `thresholds` are those that it was judged by."""

    row: ReferralConversion
    program: ReferralProgram
    thresholds: Thresholds
    members: Mapping[UUID, Member]
    connections: Connections
    referrer: History
    referred: History
    moments: Sequence[Moment]
    forecast: Forecast | None


def is_decidable(row: ReferralConversion) -> bool:
    """Say whether a person may still decide: once, and not after it was undone."""
    return row.reviewed_at is None and row.status != "reversed"


def thresholds_of(row: ReferralConversion) -> Thresholds | None:
    """Give the thresholds that the engine judged by; None for what it did not judge."""
    found = row.fraud_inputs.get("thresholds")
    return Thresholds(int(found["review"]), int(found["block"])) if found else None


def leans_to_fraud(row: ReferralConversion, thresholds: Thresholds | None) -> bool:
    """Say whether the score reaches the middle between the thresholds, from where the engine expects fraud."""
    return thresholds is not None and row.fraud_score >= Decimal(thresholds.review + thresholds.block) / 2


async def read(session: AsyncSession, actor: Actor, conversion_id: UUID, *, now: datetime) -> Case:
    """Give the case of a conversion; raises `NotFound`."""
    row = await conversions.get(session, actor, conversion_id)
    program = (await session.exec(select(ReferralProgram).where(ReferralProgram.id == row.program_id))).one()
    referrer, referred = await histories.of_referrer(session, row), await histories.of_referred(session, row)
    concerned = {row.referrer_user_id, row.referred_user_id, row.reviewed_by}
    concerned |= {other.referrer_user_id for other in referred.latest}
    return Case(
        row=row,
        program=program,
        thresholds=await _thresholds(session, row, program),
        members=await queue.find_members(session, concerned),
        connections=await connections.find(session, actor, row),
        referrer=referrer,
        referred=referred,
        moments=await histories.list_moments(session, row, now=now),
        forecast=await _foresee(session, row, program, now=now),
    )


async def _thresholds(session: AsyncSession, row: ReferralConversion, program: ReferralProgram) -> Thresholds:
    """Give what it was judged by; what was not judged stands beside what counts now."""
    if (of_then := thresholds_of(row)) is not None:
        return of_then
    own = (await choices.get(session)).thresholds
    return own or Thresholds(program.review_threshold, program.block_threshold)


async def _foresee(
    session: AsyncSession, row: ReferralConversion, program: ReferralProgram, *, now: datetime
) -> Forecast | None:
    """Work out the reward on a copy of the row, as an approval would in this moment; nothing is written."""
    if row.status == "approved" or not is_decidable(row):
        return None
    copy = ReferralConversion(**row.model_dump())
    approved = (await standing.read(session, program.id, row.referrer_user_id)).approved
    await accounts.earn(session, program, copy, approved=approved + 1, now=now)
    return Forecast(copy.reward_kind, copy.reward_value, copy.hold_until, copy.reward_reason)
