"""Social campaigns, their posts and their clients' answers as the pages draw them: rows only."""

from __future__ import annotations

from typing import TypedDict


class SocialCampaignRow(TypedDict):
    """A social campaign in the list; of its acts those are offered that its state allows."""

    id: str
    name: str
    path: str
    goal: str
    state: str
    state_label: str
    tone: str
    launched_at: str
    ended_at: str
    published: str
    waiting: str
    failed: str
    has_failed: bool
    stopping: str
    done: int
    done_text: str
    of_text: str
    can_pause: bool
    can_resume: bool
    can_cancel: bool
    can_ask: bool


class PostRow(TypedDict):
    """A post on one account; `at` is its time by the organisation's clocks."""

    id: str
    at: str
    account: str
    note: str
    text: str
    title: str
    media_url: str
    hashtags: str
    words: str
    moment: str
    state_label: str
    tone: str
    reason: str
    next_at: str
    link: str
    can_retry: bool
    can_change: bool


class DayRow(TypedDict):
    """A day of the calendar with its posts."""

    key: str
    label: str
    posts: list[PostRow]


class AnswerRow(TypedDict):
    """A link that a client was given, and what came of it."""

    id: str
    client: str
    mail: str
    """What became of the mail with the link, in words; empty when there was none to send."""
    mailed_at: str
    state_label: str
    tone: str
    comment: str
    url: str
    asked_at: str
    expires_at: str
    decided_at: str
    is_open: bool
