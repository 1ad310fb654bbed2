"""How campaigns and their messages read on a page: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from bizosaas_app.gateway.contracts.campaigns import CampaignCounts, CampaignView, ChannelView, SendView
from bizosaas_app.gateway.contracts.money import MoneyView
from state import words
from state.agent_rows import FactRow
from state.campaign_rows import CampaignRow, ChannelRow, SendRow, ShownCampaign
from state.rows import StatRow

PATH: Final = "/admin/campaigns/campaign?id="
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "active": ("Running", "good"),
    "paused": ("Paused", "warn"),
    "completed": ("Completed", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
}
"""Label and tone of each status, in the order that they are picked in."""
SENDS: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("Waiting", "info"),
    "running": ("On its way", "info"),
    "sent": ("Sent", "good"),
    "failed": ("Failed", "bad"),
    "skipped": ("Left out", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
}
CHANNELS: Final[Mapping[str, str]] = {
    "email": "E-mail",
    "notice": "Notice",
    "webhook": "Webhook",
    "console": "Rehearsal",
}
_DAYS: Final[Mapping[str, str]] = {
    "mon": "Mon",
    "tue": "Tue",
    "wed": "Wed",
    "thu": "Thu",
    "fri": "Fri",
    "sat": "Sat",
    "sun": "Sun",
}
_ROLES: Final[Mapping[str, str]] = {"user": "Members", "tenant_admin": "Administrators"}
NO_CAMPAIGN: Final = ShownCampaign(
    id="",
    name="",
    path="",
    goal="",
    status="",
    status_label="",
    tone="neutral",
    channels="",
    starts_at="",
    ends_at="",
    next_at="",
    sent="",
    waiting="",
    failed="",
    has_failed=False,
    can_pause=False,
    can_resume=False,
    can_cancel=False,
    done=0,
    done_text="",
    of_text="",
    stopping="",
    ended_at="",
    facts=[],
    parts=[],
)


def campaign_row(view: CampaignView) -> CampaignRow:
    """Show a campaign in the list."""
    label, tone = STATUSES[view.status]
    counts, is_open = view.counts, view.ended_at is None
    return CampaignRow(
        id=str(view.id),
        name=view.name,
        path=f"{PATH}{view.id}",
        goal=view.goal,
        status=view.status,
        status_label=label,
        tone=tone,
        channels=", ".join(CHANNELS[channel.kind] for channel in view.channels),
        starts_at=words.moment(view.starts_at),
        ends_at=words.moment(view.ends_at),
        next_at=words.moment(view.next_at) if view.next_at and view.status == "active" else "",
        sent=words.number(counts.sent),
        waiting=words.number(counts.pending + counts.running),
        failed=words.number(counts.failed),
        has_failed=counts.failed > 0,
        can_pause=view.status == "active",
        can_resume=view.status == "paused",
        can_cancel=is_open,
    )


def shown(view: CampaignView) -> ShownCampaign:
    """Show a campaign on its own page."""
    counts = view.counts
    total, waiting = _total(counts), counts.pending + counts.running
    return ShownCampaign(
        **campaign_row(view),
        done=100 if total == 0 else 100 * (total - waiting) // total,
        done_text=words.number(total - waiting),
        of_text=f"of {words.counted(total, 'message', 'messages')}",
        stopping=words.counted(counts.pending, "message", "messages"),
        ended_at=words.moment(view.ended_at) if view.ended_at else "",
        facts=_facts(view),
        parts=[_part(channel) for channel in view.channels],
    )


def stats(counts: CampaignCounts) -> list[StatRow]:
    """Give the figures above the messages."""
    left_out = counts.skipped + counts.cancelled
    clicked = f"{words.counted(counts.clicked, 'person', 'people')} followed a link" if counts.clicked else ""
    return [
        words.stat("Sent", words.number(counts.sent), change=clicked),
        words.stat(
            "Waiting",
            words.number(counts.pending + counts.running),
            change=f"{words.number(counts.running)} on their way" if counts.running else "",
        ),
        words.stat(
            "Failed",
            words.number(counts.failed),
            change="each with its reason below" if counts.failed else "",
        ),
        words.stat("Left out or cancelled", words.number(left_out)),
    ]


def send_row(view: SendView, *, can_retry: bool) -> SendRow:
    """Show a message; `can_retry` says whether its campaign lets a failed one go once more."""
    label, tone = SENDS[view.status]
    return SendRow(
        id=str(view.id),
        name=view.name,
        email=view.email,
        channel=CHANNELS[view.channel],
        status=view.status,
        status_label=label,
        tone=tone,
        reason=words.sentence(view.detail) if view.status != "sent" else "",
        at=words.moment(view.sent_at or view.due_at),
        clicked_at=words.moment(view.clicked_at) if view.clicked_at else "",
        tries=words.counted(view.attempts, "try", "tries") if view.attempts > 1 else "",
        can_retry=can_retry and view.status == "failed",
    )


def worth(amount: MoneyView) -> str:
    """Give an amount with its currency and all of its decimals."""
    return words.money(Decimal(amount.amount), amount.currency)


def hours(schedule: Mapping[str, Any]) -> str:
    """Say at which hours messages go, by whose clocks."""
    window = schedule.get("window") or ["00:00", "00:00"]
    at = "at any hour" if window[0] == window[1] else f"{window[0]} to {window[1]}"
    days = list(schedule.get("days") or _DAYS)
    on = "Every day" if len(days) == len(_DAYS) else ", ".join(_DAYS[day] for day in days)
    quiet = schedule.get("quiet")
    calm = f", quiet from {quiet[0]} to {quiet[1]}" if quiet else ""
    return f"{on}, {at}{calm} ({schedule.get('timezone', 'UTC')})"


def audience(kept: Mapping[str, Any]) -> str:
    """Say whom a campaign is for."""
    roles: Sequence[str] = kept.get("roles") or ()
    parts = [" and ".join(_ROLES[role] for role in roles) if roles else "Everybody"]
    if kept.get("joined_from"):
        parts.append(f"joined from {kept['joined_from']}")
    if kept.get("joined_until"):
        parts.append(f"joined until {kept['joined_until']}")
    activity = kept.get("activity")
    if activity:
        what = "anything" if activity["event"] == "*" else activity["event"]
        least = words.counted(activity["at_least"], "time", "times")
        within = words.counted(activity["days"], "day", "days")
        parts.append(f"{'with' if activity['has'] else 'without'} {what} at least {least} in {within}")
    if kept.get("opted_in_only"):
        parts.append("who asked for campaigns by mail")
    return ", ".join(parts)


def _facts(view: CampaignView) -> list[FactRow]:
    cap = view.schedule.get("cap")
    told = {
        "Goal": view.goal,
        "For": audience(view.audience),
        "Budget": worth(view.budget),
        "Hours": hours(view.schedule),
        "To one person": f"at most {cap['messages']} in {words.counted(cap['days'], 'day', 'days')}" if cap else "",
    }
    return [FactRow(key=label, label=label, value=value) for label, value in told.items() if value]


def _part(view: ChannelView) -> ChannelRow:
    is_code = view.payload is not None
    return ChannelRow(
        key=view.kind,
        label=CHANNELS[view.kind],
        budget=worth(view.budget),
        subject=view.url if is_code else view.subject,
        text=json.dumps(view.payload, indent=2, ensure_ascii=False) if is_code else view.text,
        is_code=is_code,
    )


def _total(counts: CampaignCounts) -> int:
    return counts.pending + counts.running + counts.sent + counts.failed + counts.skipped + counts.cancelled
