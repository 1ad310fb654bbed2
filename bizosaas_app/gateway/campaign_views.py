"""From what callers ask of campaigns to what the services take, and from what those give to what callers see."""

from __future__ import annotations

from datetime import time
from typing import cast

from bizosaas_app.gateway.contracts.campaigns import (
    CampaignCounts,
    CampaignStatus,
    CampaignView,
    ChannelKind,
    ChannelView,
    LeftOutView,
    NewAudience,
    NewCampaign,
    NewChannel,
    NewSchedule,
    PlannedView,
    PlanView,
    SendStatus,
    SendView,
)
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.money import Money
from bizosaas_app.services.campaigns import contents, letters, planning
from bizosaas_app.services.campaigns.audiences import Activity, Audience
from bizosaas_app.services.campaigns.contents import Content
from bizosaas_app.services.campaigns.planning import LeftOut, Plan, Planned
from bizosaas_app.services.campaigns.reading import Found, FoundSend
from bizosaas_app.services.campaigns.schedules import Cap, Hours
from bizosaas_app.services.campaigns.wishes import ChannelWish, Timing, Wish
from models import CampaignChannel


def wish_of(command: NewCampaign) -> Wish:
    """Give what the services take."""
    return Wish(
        name=command.name,
        goal=command.goal,
        audience=_audience(command.audience),
        channels=[_channel(channel) for channel in command.channels],
        timing=_timing(command.schedule),
        budget=command.budget,
    )


def plan_view(plan: Plan, wish: Wish, shown: int) -> PlanView:
    """Show what a launch would do."""
    moments = [send.at for send in plan.sends]
    contents_by_kind = {channel.kind: channel.content for channel in wish.channels}
    in_time = sorted(plan.sends, key=lambda send: send.at)[:shown]
    return PlanView(
        timezone=plan.schedule.timezone,
        starts_at=plan.begins,
        ends_at=plan.ends,
        people=plan.people,
        send_count=len(plan.sends),
        left_out_count=len(plan.left_out),
        first_at=min(moments, default=None),
        last_at=max(moments, default=None),
        sends=[_planned(send, plan, wish.name, contents_by_kind[send.kind]) for send in in_time],
        left_out=[_left_out(item) for item in plan.left_out[:shown]],
    )


def campaign_view(found: Found) -> CampaignView:
    """Show a campaign."""
    row, progress = found.campaign, found.progress
    return CampaignView(
        id=row.id,
        draft_id=row.draft_id,
        name=row.name,
        goal=row.goal,
        status=cast(CampaignStatus, row.status),
        audience=row.audience,
        schedule=row.schedule,
        budget=money_view(Money(row.budget, row.currency)),
        channels=[_channel_view(channel, row.currency) for channel in found.channels],
        counts=CampaignCounts(**progress.counts, clicked=progress.clicked),
        next_at=progress.next_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        launched_by=row.launched_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
    )


def send_view(found: FoundSend) -> SendView:
    """Show one message."""
    send = found.send
    return SendView(
        id=send.id,
        user_id=send.user_id,
        name=found.name,
        email=found.email,
        channel=cast(ChannelKind, found.kind),
        status=cast(SendStatus, send.status),
        due_at=send.due_at,
        attempts=send.attempts,
        reason=send.reason,
        detail=send.detail,
        sent_at=send.sent_at,
        clicked_at=send.clicked_at,
    )


def money_view(money: Money) -> MoneyView:
    """Show an amount."""
    return MoneyView(amount=str(money.amount), currency=money.currency)


def _audience(given: NewAudience) -> Audience:
    activity = Activity(**given.activity.model_dump()) if given.activity else None
    return Audience(
        roles=tuple(given.roles),
        statuses=tuple(given.statuses),
        joined_from=given.joined_from,
        joined_until=given.joined_until,
        activity=activity,
        opted_in_only=given.opted_in_only,
    )


def _channel(given: NewChannel) -> ChannelWish:
    return ChannelWish(given.kind, _content(given), given.budget)


def _content(given: NewChannel) -> Content:
    return Content(given.subject, given.text, given.url, given.payload, given.tracks_clicks)


def _timing(given: NewSchedule) -> Timing:
    return Timing(
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        window=Hours(time.fromisoformat(given.send_from), time.fromisoformat(given.send_until)),
        quiet=_quiet(given.quiet_from, given.quiet_until),
        days=tuple(given.days),
        cap=Cap(given.cap.messages, given.cap.days) if given.cap else None,
    )


def _quiet(begin: str | None, end: str | None) -> Hours | None:
    """Give the quiet hours; raises `InputInvalid` when only one end of them is named, or both are equal."""
    if begin is None and end is None:
        return None
    if begin is None or end is None:
        missing = "quiet_from" if begin is None else "quiet_until"
        raise InputInvalid({f"schedule.{missing}": "Quiet hours need a beginning and an end"})
    return Hours(time.fromisoformat(begin), time.fromisoformat(end))


def _planned(send: Planned, plan: Plan, campaign: str, content: Content) -> PlannedView:
    words = letters.words_of(send.person, organisation=plan.tenant.name, campaign=campaign)
    filled = letters.fill(content, words)
    return PlannedView(
        user_id=send.person.user_id,
        name=send.person.name,
        email=send.person.email,
        channel=send.kind,
        at=send.at,
        subject=filled.subject,
        text=filled.text,
        payload=dict(filled.payload) if filled.payload is not None else None,
    )


def _left_out(item: LeftOut) -> LeftOutView:
    return LeftOutView(
        user_id=item.person.user_id,
        name=item.person.name,
        email=item.person.email,
        channel=item.kind,
        reason=item.reason,
        detail=planning.REASONS[item.reason],
    )


def _channel_view(row: CampaignChannel, currency: str) -> ChannelView:
    content = contents.of(row.content)
    return ChannelView(
        kind=cast(ChannelKind, row.kind),
        budget=money_view(Money(row.budget, currency)),
        subject=content.subject,
        text=content.text,
        url=content.url,
        payload=dict(content.payload) if content.payload is not None else None,
        tracks_clicks=content.tracks_clicks,
    )
