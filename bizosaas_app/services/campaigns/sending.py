"""Sending: a due message is claimed by one worker, handed over, and settled; what a dead worker held is found again.

A claim commits before anything leaves the house, so a message goes out once at most where the other end cannot tell a
repetition. Everything that spoke for a message when it was planned is asked again at its claim: whether the campaign
still runs, whether the person still wants it, the hours, and the cap.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.channels import Message
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.services.campaigns import audiences, caps, contents, letters, planning, results
from bizosaas_app.services.campaigns.audiences import Audience, Person
from bizosaas_app.services.campaigns.contents import Kind
from bizosaas_app.services.campaigns.letters import Envelope, Writer
from bizosaas_app.services.campaigns.planning import Reason
from bizosaas_app.services.campaigns.schedules import Schedule
from bizosaas_app.services.jobs.attempts import Attempts
from bizosaas_app.services.tenants import records
from models import Campaign, CampaignChannel, CampaignSend, Tenant

ATTEMPTS: Final = Attempts(
    tries=5, lease=timedelta(minutes=3), first_wait=timedelta(minutes=1), growth=4, longest_wait=timedelta(hours=2)
)
"""The last is about an hour and a half after the first; no channel takes as long as the lease for one message."""
INTERRUPTED: Final = "interrupted"
_IN_DOUBT: Final = (
    "The process that was sending it ended in between: it may have arrived. Send it again only if it has not"
)
_BROKEN_OFF: Final = "The process that was sending it ended in between, and it may have arrived"
_GONE: Final = ("running", "sent")
"""States of the messages that have gone out, as far as a cap at the moment of sending is concerned."""
_LOCK_PERSON: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send; `attempt` counts from 1 and tells this claim from later ones."""

    send_id: UUID
    campaign_id: UUID
    kind: Kind
    attempt: int
    user_id: UUID
    message: Message


@dataclass(frozen=True, slots=True)
class Taken:
    """A due send that was looked at; without a claim it was put off or left out."""

    campaign_id: UUID
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class _Due:
    """A locked send whose time has come."""

    campaign: Campaign
    channel: CampaignChannel
    send: CampaignSend


async def take(session: AsyncSession, actor: Actor, writer: Writer, *, now: datetime) -> Taken | None:
    """Claim the tenant's message that has been due for longest; None when there is none to take.

    The claim holds once the transaction has committed: only then may the message be sent.
    """
    campaign_id = await _find_due_campaign(session, now)
    if campaign_id is None:
        return None
    campaign = await _hold_active(session, campaign_id)
    if campaign is None:
        return Taken(campaign_id)
    due = await _lock_due(session, campaign, now)
    if due is None:
        return None
    await session.execute(_LOCK_PERSON, {"name": f"campaigns:{actor.tenant_id}:{due.send.user_id}"})
    person = await audiences.find_person(session, due.send.user_id)
    if person is None or not await _may_go(session, due, person, now):
        return Taken(campaign_id)
    tenant = await records.get_tenant(session, actor.tenant_id)
    return Taken(campaign_id, _claim(due, person, tenant.name, writer, now))


async def has_due(session: AsyncSession, *, now: datetime) -> bool:
    """Say whether any message of the tenant waits to be taken; none does while it is suspended."""
    return await _find_due_campaign(session, now) is not None


async def succeed(session: AsyncSession, actor: Actor, claim: Claim, *, now: datetime) -> bool:
    """Settle a message that was handed over, and record the delivery; False when the claim is no longer ours."""
    send = await _lock(session, claim)
    if send is None:
        return False
    send.status, send.sent_at, send.claimed_at = "sent", now, None
    send.reason, send.detail = None, ""
    await session.flush()
    await results.record_delivery(session, actor, send, claim.kind, now=now)
    return True


async def fail(
    session: AsyncSession, actor: Actor, claim: Claim, error: AppError, *, now: datetime, jitter: float
) -> None:
    """Settle a message that could not be handed over: it is tried again later, or has failed for good.

    `jitter` from 0 to 1 spreads what failed together. Of a campaign that has ended nothing is tried again.
    """
    (campaign,) = await _hold(session, [claim.campaign_id])
    send = await _lock(session, claim)
    if send is None:
        return
    send.claimed_at, send.reason, send.detail = None, error.code, error.message
    may_again = error.retryable and not ATTEMPTS.are_used_up(claim.attempt)
    if may_again and campaign.status == "cancelled":
        _call_off(send, error.message)
    elif may_again and not campaign.has_ended:
        send.status, send.due_at = "pending", now + ATTEMPTS.wait_after(claim.attempt, jitter)
    else:
        send.status = "failed"
        await session.flush()
        await results.record_failures(session, actor, [(send, claim.kind)], now=now)


async def rescue(session: AsyncSession, actor: Actor, *, repeatable: Collection[Kind], now: datetime) -> None:
    """Find what dead workers had claimed, and settle it.

    Through a `repeatable` kind of channel it is sent again, unless it was tried too often: then it is what kills them.
    Through another it may have gone out, so it has failed until a person says otherwise.
    """
    is_left = (CampaignSend.status == "running", col(CampaignSend.claimed_at) < ATTEMPTS.dead_before(now))
    concerned = (await session.exec(select(CampaignSend.campaign_id).where(*is_left).distinct())).all()
    is_cancelled = {campaign.id: campaign.status == "cancelled" for campaign in await _hold(session, concerned)}
    query = (
        select(CampaignSend, CampaignChannel.kind)
        .join(CampaignChannel, col(CampaignChannel.id) == CampaignSend.channel_id)
        .where(*is_left, col(CampaignSend.campaign_id).in_(concerned))
        .with_for_update(of=CampaignSend, skip_locked=True)
    )
    failed: list[tuple[CampaignSend, Kind]] = []
    for send, kind in (await session.exec(query)).all():
        send.claimed_at = None
        if kind not in repeatable or ATTEMPTS.are_used_up(send.attempts):
            send.status, send.reason, send.detail = "failed", INTERRUPTED, _IN_DOUBT
            failed.append((send, cast(Kind, kind)))
        elif is_cancelled[send.campaign_id]:
            _call_off(send, _BROKEN_OFF)
        else:
            send.status, send.due_at = "pending", now
    await session.flush()
    await results.record_failures(session, actor, failed, now=now)


async def _hold(session: AsyncSession, campaign_ids: Collection[UUID]) -> Sequence[Campaign]:
    """Give campaigns, and keep them from being paused, cancelled or completed until the transaction ends."""
    query = select(Campaign).where(col(Campaign.id).in_(campaign_ids)).order_by(col(Campaign.id))
    return (await session.exec(query.with_for_update(read=True))).all()


def _call_off(send: CampaignSend, before: str) -> None:
    """End a message that would be tried again, were its campaign not cancelled; `before` says how the last try went."""
    send.status = send.reason = "cancelled"
    send.detail = f"The campaign was cancelled. Before that: {before}"


async def _find_due_campaign(session: AsyncSession, now: datetime) -> UUID | None:
    # By campaign: whatever waits in those that are paused must not be read first.
    mine = (col(CampaignSend.campaign_id) == col(Campaign.id), CampaignSend.status == "pending")
    first = select(func.min(CampaignSend.due_at)).where(*mine).scalar_subquery()
    query = (
        select(Campaign.id)
        .join(Tenant, col(Tenant.id) == Campaign.tenant_id)
        .where(Campaign.status == "active", Tenant.status == "active", first <= now)
        .order_by(first, col(Campaign.id))
        .limit(1)
    )
    return (await session.exec(query)).one_or_none()


async def _hold_active(session: AsyncSession, campaign_id: UUID) -> Campaign | None:
    """Give the campaign if it still runs, and keep it from being paused or cancelled until the claim stands."""
    (campaign,) = await _hold(session, [campaign_id])
    return campaign if campaign.status == "active" else None


async def _lock_due(session: AsyncSession, campaign: Campaign, now: datetime) -> _Due | None:
    query = (
        select(CampaignSend, CampaignChannel)
        .join(CampaignChannel, col(CampaignChannel.id) == CampaignSend.channel_id)
        .where(CampaignSend.campaign_id == campaign.id, CampaignSend.status == "pending", CampaignSend.due_at <= now)
        .order_by(col(CampaignSend.due_at), col(CampaignSend.id))
        .limit(1)
        .with_for_update(of=CampaignSend, skip_locked=True)
    )
    found = (await session.exec(query)).one_or_none()
    return _Due(campaign, found[1], found[0]) if found is not None else None


async def _may_go(session: AsyncSession, due: _Due, person: Person, now: datetime) -> bool:
    """Say whether the message may go now; else leave it out, or put it off to when it may."""
    audience, schedule = Audience.of(due.campaign.audience), Schedule.of(due.campaign.schedule)
    refusal = person.refusal(due.channel.kind, opted_in_only=audience.opted_in_only)
    if refusal is not None:
        _leave_out(due.send, refusal)
        return False
    others = await planning.find_others(session, [person.user_id], schedule, now=now, statuses=_GONE)
    at = caps.first_fit(schedule, others.get(person.user_id, []), now, due.campaign.ends_at)
    if at is None:
        _leave_out(due.send, planning.why_no_time(schedule, now, due.campaign.ends_at))
    elif at > now:
        due.send.due_at = at
    return at == now


def _leave_out(send: CampaignSend, reason: Reason) -> None:
    send.status, send.reason, send.detail = "skipped", reason, planning.REASONS[reason]


def _claim(due: _Due, person: Person, organisation: str, writer: Writer, now: datetime) -> Claim:
    """Write the message and mark it as ours."""
    send, campaign, kind = due.send, due.campaign, cast(Kind, due.channel.kind)
    envelope = Envelope(send.id, campaign.tenant_id, campaign.id, person, organisation, campaign.name)
    message = letters.compose(writer, envelope, kind, contents.of(due.channel.content), now=now)
    send.status, send.claimed_at = "running", now
    send.attempts += 1
    return Claim(send.id, campaign.id, kind, send.attempts, send.user_id, message)


async def _lock(session: AsyncSession, claim: Claim) -> CampaignSend | None:
    """Give the claim's send; None when another claim has taken its place meanwhile.

    One that was given up as in doubt is still ours to settle: now its fate is known.
    """
    query = select(CampaignSend).where(CampaignSend.id == claim.send_id).with_for_update()
    send = (await session.exec(query)).one()
    is_ours = send.attempts == claim.attempt and send.status in ("running", "failed")
    return send if is_ours else None
