"""Launching: from a wish to a campaign with all its sends, in one transaction, once for each draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlmodel import func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit
from bizosaas_app.services.campaigns import planning
from bizosaas_app.services.campaigns.planning import LeftOut, Plan, Planned
from bizosaas_app.services.campaigns.wishes import Wish
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.jobs import queue
from models import Campaign, CampaignChannel, CampaignSend

TASK: Final = "campaigns.deliver"
"""Name of the job that sends what is due in a tenant."""
LAUNCHED: Final = "campaign.launched"
LAUNCH_POINTS: Final = Decimal(100)
"""What a launch is worth on boards and towards achievements."""

_ROWS_AT_ONCE: Final = 2000
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True)
class Launched:
    """The campaign of a draft with how many messages it has."""

    campaign: Campaign
    sends: int


async def launch(session: AsyncSession, actor: Actor, wish: Wish, *, draft_id: UUID, now: datetime) -> Launched:
    """Write the campaign with every send that its plan has, and have them sent when they are due.

    A second launch of the draft gives the first one's campaign and changes nothing, whatever it wishes. Raises
    `InputInvalid` that names the fields which cannot be met, `audience` when nobody of it can be reached.
    """
    await _take_turn(session, actor)
    known = (await session.exec(select(Campaign).where(Campaign.draft_id == draft_id))).one_or_none()
    if known is not None:
        return Launched(known, await _count(session, known))
    plan = await planning.plan(session, actor, wish, now=now)
    if not plan.sends:
        raise InputInvalid({"audience": _nobody(plan)})
    campaign = _campaign(actor, wish, plan, draft_id, now)
    session.add(campaign)
    await session.flush()
    await _write_sends(session, campaign, await _write_channels(session, campaign, wish), plan, now)
    await _tell(session, actor, campaign, plan, now)
    if min(send.at for send in plan.sends) <= now:
        await queue.enqueue(session, actor, TASK, once=TASK)
    return Launched(campaign, len(plan.sends))


async def _count(session: AsyncSession, campaign: Campaign) -> int:
    planned = (CampaignSend.campaign_id == campaign.id, CampaignSend.status != "skipped")
    return (await session.exec(select(func.count()).select_from(CampaignSend).where(*planned))).one()


async def _take_turn(session: AsyncSession, actor: Actor) -> None:
    """Plan one launch of the tenant at a time: each counts the messages of the others towards its cap."""
    await session.execute(_LOCK, {"name": f"campaigns:{actor.tenant_id}"})


def _nobody(plan: Plan) -> str:
    if not plan.people:
        return "No member of yours is meant by this choice"
    reasons = sorted({planning.REASONS[item.reason] for item in plan.left_out})
    return f"Nobody of the {plan.people} chosen can be reached: {'; '.join(reasons)}"


def _campaign(actor: Actor, wish: Wish, plan: Plan, draft_id: UUID, now: datetime) -> Campaign:
    return Campaign(
        tenant_id=actor.tenant_id,
        draft_id=draft_id,
        name=wish.name.strip(),
        goal=wish.goal,
        audience=wish.audience.document(),
        schedule=plan.schedule.document(),
        budget=wish.budget,
        currency=plan.tenant.currency,
        starts_at=plan.begins,
        ends_at=plan.ends,
        launched_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )


async def _write_channels(session: AsyncSession, campaign: Campaign, wish: Wish) -> Mapping[str, UUID]:
    """Write the channels; give their ids by kind."""
    rows = [
        CampaignChannel(
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            kind=channel.kind,
            budget=channel.budget,
            content=channel.content.document(),
        )
        for channel in wish.channels
    ]
    session.add_all(rows)
    await session.flush()
    return {row.kind: row.id for row in rows}


async def _write_sends(
    session: AsyncSession, campaign: Campaign, channels: Mapping[str, UUID], plan: Plan, now: datetime
) -> None:
    """Write a row for each message, and one for each that is left out, so that nobody has to guess why."""
    rows = [
        *({**_row(campaign, channels, send, now), "due_at": send.at} for send in plan.sends),
        *({**_row(campaign, channels, item, now), **_refused(item)} for item in plan.left_out),
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await session.execute(insert(CampaignSend), rows[start : start + _ROWS_AT_ONCE])


def _row(campaign: Campaign, channels: Mapping[str, UUID], item: Planned | LeftOut, now: datetime) -> dict[str, Any]:
    return {
        "tenant_id": campaign.tenant_id,
        "id": new_id(),
        "campaign_id": campaign.id,
        "channel_id": channels[item.kind],
        "user_id": item.person.user_id,
        "status": "pending",
        "due_at": now,
        "attempts": 0,
        "reason": None,
        "detail": "",
        "created_at": now,
    }


def _refused(item: LeftOut) -> dict[str, Any]:
    return {"status": "skipped", "reason": item.reason, "detail": planning.REASONS[item.reason]}


async def _tell(session: AsyncSession, actor: Actor, campaign: Campaign, plan: Plan, now: datetime) -> None:
    """Write the launch into the audit log and into the ledger, there under an id that follows from the draft's."""
    kinds = sorted({send.kind for send in plan.sends})
    numbers: dict[str, Any] = {"sends": len(plan.sends), "left_out": len(plan.left_out), "channels": kinds}
    await audit.record(
        session,
        actor,
        action="campaigns.launched",
        subject=f"campaign:{campaign.id}",
        detail={"name": campaign.name, **numbers},
    )
    event = ledger.NewEvent(
        event_id=uuid5(campaign.draft_id, LAUNCHED),
        type=LAUNCHED,
        user_id=actor.user_id,
        value=LAUNCH_POINTS,
        properties={"campaign_id": str(campaign.id), **_countable(numbers)},
        occurred_at=now,
    )
    await ledger.append(session, actor, [event], now=now, source="service")


def _countable(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if isinstance(value, int)}
