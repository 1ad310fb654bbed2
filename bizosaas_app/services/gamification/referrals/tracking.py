"""Tracking: a conversion is judged, rewarded and written into the ledger in one transaction, once by external id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.gamification import ledger, people_locks
from bizosaas_app.services.gamification.facts import APPROVED, HELD
from bizosaas_app.services.gamification.fraud import scoring
from bizosaas_app.services.gamification.fraud.verdicts import Attempt, Decision, Thresholds, Verdict
from bizosaas_app.services.gamification.referrals import (
    approvals,
    news,
    own_facts,
    receipts,
    targets,
    telling,
)
from bizosaas_app.services.gamification.referrals.programs import ProgramNotActive
from bizosaas_app.services.gamification.referrals.targets import Target
from bizosaas_app.services.gamification.referrals.telling import Telling
from bizosaas_app.services.gamification.review_desk import queue
from models import ReferralConversion

STATUS_OF: Final[dict[Decision, str]] = {"allow": "approved", "review": "pending_review", "block": "rejected"}
FACT_OF: Final = {"approved": APPROVED, "pending_review": HELD}
"""Which fact a conversion of this status leaves in the ledger."""

UNCHECKED: Final = Verdict(0, "allow", (), "unchecked")
"""Of a programme that leaves fraud checks out."""
DISQUALIFIED: Final = "programme-rules"
"""Model version of what the programme's own rules turn away: nobody is suspected of anything."""

_EXTERNAL_ID: Final = "uq_referral_conversions_tenant_id_external_id"


class ExternalIdConflict(Conflict):
    """A sender's id names one conversion for ever."""

    code = "external_id_conflict"
    title = "Another conversion was told under this external_id"


@dataclass(frozen=True, slots=True)
class Tracked:
    """The answer to the sender; `is_new` is false when it was given before."""

    answer: dict[str, Any]
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """A telling with what it is about and when it happened."""

    told: Telling
    target: Target
    occurred_at: datetime
    clicked_at: datetime | None
    now: datetime

    def attempt(self) -> Attempt:
        """Give the case as the fraud engine is asked about it."""
        told, target = self.told, self.target
        return Attempt(
            program_id=target.program.id,
            code_id=target.code.id,
            referrer_user_id=target.code.user_id,
            referred_email=told.referred_email,
            ip_address=told.ip_address,
            user_agent=told.user_agent,
            device=told.device,
            payment=told.payment,
            order_value=told.order_value,
            occurred_at=self.occurred_at,
            click_id=told.click_id,
            clicked_at=self.clicked_at,
            minimum_order=target.program.minimum_order,
        )


async def track(session: AsyncSession, actor: Actor, told: Telling, *, now: datetime) -> Tracked:
    """Record a conversion, or give the first answer again to one that was told before.

    Raises `InputInvalid`, `ExternalIdConflict` or `ProgramNotActive`.
    """
    target = await targets.find(session, told)
    await people_locks.hold(session, actor.tenant_id, target.people)
    known = await _find(session, told.external_id)
    if known is not None:
        return _answer_again(known, told, target.program.currency)
    if target.program.status != "active":
        raise ProgramNotActive
    occurred_at = told.occurred_at or now
    telling.check(told, target.program, occurred_at, now)
    clicked_at = await targets.find_click_time(session, told, target, occurred_at)
    case = _Case(told, target, occurred_at, clicked_at, now)
    fault = telling.find_disqualification(target.program, told.order_value, occurred_at, clicked_at)
    if fault is not None:
        verdict, status = Verdict(0, "allow", (fault,), DISQUALIFIED), "rejected"
    else:
        verdict = await _judge(session, actor, case)
        status = STATUS_OF[verdict.decision]
    return await _settle(session, actor, case, _new_row(actor, case, verdict, status))


async def _find(session: AsyncSession, external_id: str) -> ReferralConversion | None:
    return (
        await session.exec(select(ReferralConversion).where(ReferralConversion.external_id == external_id))
    ).one_or_none()


def _answer_again(row: ReferralConversion, told: Telling, currency: str) -> Tracked:
    if row.content != told.digest(currency):
        raise ExternalIdConflict
    return Tracked(row.answer, is_new=False)


async def _judge(session: AsyncSession, actor: Actor, case: _Case) -> Verdict:
    program, peppers = case.target.program, resources().peppers
    if not program.is_fraud_checked:
        return UNCHECKED
    return await scoring.assess(
        session,
        actor,
        peppers["identity"],
        peppers["network"],
        case.attempt(),
        thresholds=Thresholds(program.review_threshold, program.block_threshold),
    )


def _new_row(actor: Actor, case: _Case, verdict: Verdict, status: str) -> ReferralConversion:
    told, target = case.told, case.target
    return ReferralConversion(
        tenant_id=actor.tenant_id,
        external_id=told.external_id,
        program_id=target.program.id,
        code_id=target.code.id,
        referrer_user_id=target.code.user_id,
        referred_user_id=target.referred_user_id,
        referred_email=told.referred_email,
        click_id=told.click_id,
        clicked_at=case.clicked_at,
        occurred_at=case.occurred_at,
        order_value=told.order_value,
        currency=target.program.currency,
        ip_address=told.ip_address,
        user_agent=told.user_agent,
        status=status,
        fraud_score=Decimal(verdict.score),
        fraud_decision=verdict.decision,
        fraud_reasons=[reason.document() for reason in verdict.reasons],
        fraud_inputs=dict(verdict.inputs),
        model_version=verdict.model_version,
        reward_kind=target.program.reward_kind,
        content=told.digest(target.program.currency),
        created_at=case.now,
        **verdict.columns,
    )


async def _settle(session: AsyncSession, actor: Actor, case: _Case, row: ReferralConversion) -> Tracked:
    """Write the row, what it earns, and the fact of it."""
    program, now = case.target.program, case.now
    approval = await approvals.prepare(session, program, row, now=now) if row.status == "approved" else None
    facts = [own_facts.conversion_fact(row, program, FACT_OF[row.status])] if row.status in FACT_OF else []
    row.event_id = facts[0].event_id if facts else None
    row.answer = receipts.make(row)
    await _insert(session, row)
    if approval is not None:
        facts += await approvals.complete(session, actor, program, row, approval, now=now)
    if facts:
        await ledger.append(session, actor, facts, now=now, source="service")
    await news.conversion_decided(session, actor, row, now=now)
    await queue.announce(session, actor, row.id)
    return Tracked(row.answer, is_new=True)


async def _insert(session: AsyncSession, row: ReferralConversion) -> None:
    """Write the row; raises `ExternalIdConflict` when another code's was written under its id in this moment.

    The people's lock lets one code tell a conversion at a time: whoever meets us here tells something else.
    """
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        if _EXTERNAL_ID not in str(error.orig):
            raise
        raise ExternalIdConflict from error
