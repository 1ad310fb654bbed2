"""Campaigns as their pages draw them: rows only."""

from __future__ import annotations

from typing import TypedDict

from state.agent_rows import FactRow


class CampaignRow(TypedDict):
    """A campaign in the list; of its acts those are offered that its status allows."""

    id: str
    name: str
    path: str
    goal: str
    status: str
    status_label: str
    tone: str
    channels: str
    starts_at: str
    ends_at: str
    next_at: str
    sent: str
    waiting: str
    failed: str
    has_failed: bool
    can_pause: bool
    can_resume: bool
    can_cancel: bool


class ChannelRow(TypedDict):
    """What goes through one channel of a campaign."""

    key: str
    label: str
    budget: str
    subject: str
    text: str
    is_code: bool


class ShownCampaign(CampaignRow):
    """A campaign on its own page; `done` is how much of it has ended, in percent."""

    done: int
    done_text: str
    of_text: str
    stopping: str
    ended_at: str
    facts: list[FactRow]
    parts: list[ChannelRow]


class SendRow(TypedDict):
    """One message and what became of it."""

    id: str
    name: str
    email: str
    channel: str
    status: str
    status_label: str
    tone: str
    reason: str
    at: str
    clicked_at: str
    tries: str
    can_retry: bool
