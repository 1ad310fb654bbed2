"""Reviews: a person's decision on a conversion, once and signed; and the tenant's own reversal after a refund."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import ledger, people_locks
from bizosaas_app.services.gamification.facts import APPROVED
from bizosaas_app.services.gamification.fraud import labels
from bizosaas_app.services.gamification.referrals import approvals, news, own_facts
from bizosaas_app.services.gamification.referrals.clawbacks import STANDING
from bizosaas_app.services.gamification.review_desk import queue
from models import ReferralConversion, ReferralProgram

Decision = Literal["approve", "reject"]

NO_SUCH_CONVERSION = "There is no such conversion"
_REJECTED = "Rejected by a reviewer"
_CLEARED = "Approved by a reviewer"


class AlreadyReviewed(Conflict):
    """A decision stands; whoever disagrees talks to who signed it."""

    code = "already_reviewed"
    title = "This conversion was decided the other way already"


class ConversionUndone(Conflict):
    """There is nothing left to decide or to undo."""

    code = "conversion_undone"
    title = "This conversion counts no longer"


async def review(
    session: AsyncSession,
    actor: Actor,
    conversion_id: UUID,
    *,
    decision: Decision,
    note: str | None,
    now: datetime,
) -> ReferralConversion:
    """Approve or reject a conversion, whatever the engine decided; the same decision again changes nothing.

    Raises `NotFound`, `AlreadyReviewed`, or `ConversionUndone` for one that was reversed.
    """
    reviewer = actor.member_id()
    row = await _take(session, actor, conversion_id)
    if row.reviewed_at is not None:
        if decision == ("reject" if row.status == "rejected" else "approve"):
            return row
        raise AlreadyReviewed
    if row.status == "reversed":
        raise ConversionUndone
    before = row.status
    row.reviewed_by, row.reviewed_at, row.review_note = reviewer, now, note
    if decision == "approve":
        await _approve(session, actor, row, now)
    else:
        await _reject(session, actor, row, now)
    await labels.label(session, actor, row, is_fraud=decision == "reject")
    await audit.record(
        session,
        actor,
        action="referrals.reviewed",
        subject=f"conversion:{row.id}",
        detail={"decision": decision, "from": before, "score": float(row.fraud_score), "note": note},
    )
    if row.status != before:
        await news.conversion_decided(session, actor, row, now=now)
    await queue.announce(session, actor, row.id)
    return row


async def reverse(
    session: AsyncSession, actor: Actor, conversion_id: UUID, *, reason: str, now: datetime
) -> ReferralConversion:
    """Undo a conversion after a refund, with all that came of it; a second time changes nothing.

    Raises `NotFound`, or `ConversionUndone` for a rejected one.
    """
    row = await _take(session, actor, conversion_id)
    if row.status == "reversed":
        return row
    if row.status not in STANDING or row.event_id is None:
        raise ConversionUndone
    await ledger.reverse(session, actor, row.event_id, reason=reason, now=now)
    await audit.record(
        session, actor, action="referrals.reversed", subject=f"conversion:{row.id}", detail={"reason": reason}
    )
    return row


async def _take(session: AsyncSession, actor: Actor, conversion_id: UUID) -> ReferralConversion:
    """Give the conversion with its people's locks held, then its row's."""
    query: Any = select(ReferralConversion).where(ReferralConversion.id == conversion_id)
    row: ReferralConversion | None = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_CONVERSION)
    concerned = [user_id for user_id in (row.referrer_user_id, row.referred_user_id) if user_id is not None]
    await people_locks.hold(session, actor.tenant_id, concerned)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    locked: ReferralConversion = (await session.exec(fresh)).one()
    return locked


async def _approve(session: AsyncSession, actor: Actor, row: ReferralConversion, now: datetime) -> None:
    if row.status == "approved":
        return
    held = row.event_id
    program = (await session.exec(select(ReferralProgram).where(ReferralProgram.id == row.program_id))).one()
    approval = await approvals.prepare(session, program, row, now=now)
    fact = own_facts.conversion_fact(row, program, APPROVED)
    row.status, row.event_id = "approved", fact.event_id
    session.add(row)
    await session.flush()
    facts = [fact, *await approvals.complete(session, actor, program, row, approval, now=now)]
    await ledger.append(session, actor, facts, now=now, source="service")
    if held is not None:
        # Last: what the held fact stood for never goes away, and nobody is told that it did.
        await ledger.reverse(session, actor, held, reason=_CLEARED, now=now)


async def _reject(session: AsyncSession, actor: Actor, row: ReferralConversion, now: datetime) -> None:
    was_standing = row.status in STANDING
    row.status = "rejected"
    session.add(row)
    await session.flush()
    if was_standing and row.event_id is not None:
        await ledger.reverse(session, actor, row.event_id, reason=_REJECTED, now=now)
