"""Rows that pages draw: what a state hands to a page, ready to show.

Times are RFC 3339 text; the browser writes them in the reader's own words and time zone.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Tone = Literal["neutral", "good", "warn", "bad", "info", "accent"]


class Choice(TypedDict):
    """One choice of a picker."""

    value: str
    label: str


class BrandRow(TypedDict):
    """Shades of the accent in each theme, by the end of their names in the stylesheet."""

    light: dict[str, str]
    dark: dict[str, str]


class StatRow(TypedDict):
    """A figure with its change in words; `direction` is up, down or empty; `series` draws the sparkline."""

    label: str
    value: str
    unit: str
    change: str
    direction: str
    tone: str
    series: list[float]


class RankRow(TypedDict):
    """A place on a board; `share` is the score in percent of the first place's."""

    key: str
    rank: int
    name: str
    initials: str
    score: str
    share: int
    movement: int
    movement_text: str
    is_me: bool


class TimelineRow(TypedDict):
    """Something that happened."""

    key: str
    kind: str
    tone: str
    title: str
    detail: str
    at: str
    amount: str


class MemberRow(TypedDict):
    """A member of the tenant."""

    id: str
    name: str
    email: str
    initials: str
    role_label: str
    status_label: str
    tone: str
    joined_at: str


class SessionRow(TypedDict):
    """One of one's own sessions."""

    id: str
    device: str
    address: str
    created_at: str
    last_seen_at: str
    is_current: bool


class NoticeRow(TypedDict):
    """A notice; `path` is the page of ours that it leads to, `name` what was unlocked, without more words.

    `icon` and `tier` are those of what was unlocked.
    """

    key: str
    kind: str
    title: str
    body: str
    name: str
    icon: str
    tier: str
    path: str
    at: str
    is_unread: bool


class PreferenceRow(TypedDict):
    """Where one is told of one kind of notice."""

    kind: str
    label: str
    text: str
    in_app: bool
    by_mail: bool


class AchievementRow(TypedDict):
    """An achievement with one's own progress; a silhouette has neither words nor progress.

    `next_path` leads to the page where the next action is done, if we have one.
    """

    key: str
    name: str
    description: str
    category: str
    tier: str
    tier_label: str
    icon: str
    points: str
    status: str
    status_label: str
    tone: str
    percent: int
    progress: str
    next_action: str
    next_path: str
    next_label: str
    rarity: str
    unlocked_at: str
    is_silhouette: bool
