"""Planning: who gets what and when, and who is left out and why. Reads, and writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.campaigns import audiences, caps, wishes
from bizosaas_app.services.campaigns.audiences import Audience, Person, Refusal
from bizosaas_app.services.campaigns.contents import Kind
from bizosaas_app.services.campaigns.schedules import Schedule
from bizosaas_app.services.campaigns.wishes import Wish
from models import CampaignSend, Tenant

Reason = Refusal | Literal["no_time_left", "frequency_cap"]

REASONS: Final[dict[Reason, str]] = {
    "not_active": "The account is suspended",
    "unsubscribed": "Does not want campaigns this way",
    "not_opted_in": "Has not asked for campaigns by mail",
    "no_time_left": "No allowed hour is left before the campaign ends",
    "frequency_cap": "Gets as many messages as the cap allows until the campaign ends",
}
"""Why somebody is left out, in words."""

COUNTED: Final = ("pending", "running", "sent")
"""States of the messages that a cap counts: what did not go out, and will not, disturbs nobody."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One message: to whom, through which kind of channel, and when."""

    person: Person
    kind: Kind
    at: datetime


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody of the audience who gets nothing through this kind of channel."""

    person: Person
    kind: Kind
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """What a launch would do."""

    tenant: Tenant
    schedule: Schedule
    begins: datetime
    ends: datetime
    people: int
    """How many members the audience has."""
    sends: list[Planned]
    left_out: list[LeftOut]


async def plan(session: AsyncSession, actor: Actor, wish: Wish, *, now: datetime) -> Plan:
    """Plan every message of the wish; raises `InputInvalid` that names the fields which cannot be met."""
    tenant = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id))).one()
    allowed = resources().settings.outgoing_allowed
    wishes.check(wish, currency=tenant.currency, allowed=allowed, now=now)
    schedule = wish.timing.schedule(tenant.timezone)
    begins, ends = wish.timing.span(now)
    midnights = wishes.midnights(wish.audience, tenant.timezone)
    people = await audiences.select_people(session, wish.audience, midnights=midnights, now=now)
    others = await find_others(session, [person.user_id for person in people], schedule, now=now)
    found = Plan(tenant, schedule, begins, ends, len(people), [], [])
    # In a thread: a large audience would keep everybody else of this process waiting.
    await asyncio.to_thread(_decide_all, found, people, wish, others)
    return found


async def find_others(
    session: AsyncSession,
    user_ids: Collection[UUID],
    schedule: Schedule,
    *,
    now: datetime,
    statuses: Collection[str] = COUNTED,
) -> dict[UUID, list[datetime]]:
    """Give when each of these people gets, or got, messages that a cap counts, over all campaigns, in order."""
    if schedule.cap is None:
        return {}
    at = func.coalesce(CampaignSend.sent_at, CampaignSend.claimed_at, CampaignSend.due_at)
    query = (
        select(CampaignSend.user_id, at)
        .where(
            col(CampaignSend.user_id).in_(user_ids),
            col(CampaignSend.status).in_(statuses),
            at > now - schedule.cap.span,
        )
        .order_by(at)
    )
    others: dict[UUID, list[datetime]] = {}
    for user_id, moment in (await session.exec(query)).all():
        others.setdefault(user_id, []).append(moment)
    return others


def _decide_all(found: Plan, people: Sequence[Person], wish: Wish, others: dict[UUID, list[datetime]]) -> None:
    for person in people:
        for channel in wish.channels:
            _decide(found, person, channel.kind, wish.audience, others.setdefault(person.user_id, []))


def _decide(found: Plan, person: Person, kind: Kind, audience: Audience, others: list[datetime]) -> None:
    """Plan the person's message through this kind of channel, or say why there is none."""
    refusal = person.refusal(kind, opted_in_only=audience.opted_in_only)
    at = None if refusal else caps.first_fit(found.schedule, others, found.begins, found.ends)
    if at is None:
        found.left_out.append(LeftOut(person, kind, refusal or why_no_time(found.schedule, found.begins, found.ends)))
        return
    found.sends.append(Planned(person, kind, at))
    caps.insert(others, at)


def why_no_time(schedule: Schedule, begins: datetime, ends: datetime) -> Reason:
    """Give why no moment between the two was found: the hours leave none, or else the cap does."""
    opening = schedule.next_allowed(begins)
    return "no_time_left" if opening is None or opening >= ends else "frequency_cap"
