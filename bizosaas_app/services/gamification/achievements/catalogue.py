"""The catalogue: the categories and achievements that every tenant begins with, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bizosaas_app.services.gamification.achievements.definitions import Repeats


@dataclass(frozen=True, slots=True)
class Category:
    """A group of achievements, in the order of the list."""

    key: str
    name: str
    description: str
    icon: str


@dataclass(frozen=True, slots=True)
class Predefined:
    """An achievement that a new tenant is given."""

    key: str
    category: str
    tier: str
    points: int
    name: str
    description: str
    trigger: Mapping[str, Any]
    icon: str = "award"
    repeats: Repeats = "never"
    preconditions: tuple[str, ...] = ()
    is_hidden: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    lasts_days: int | None = None
    """Days, from when the tenant is given it, within which it can be earned; None for ever."""


CATEGORIES: Final[tuple[Category, ...]] = (
    Category("onboarding", "Getting started", "The first steps on the platform", "compass"),
    Category("referrals", "Referrals", "Bringing others along", "users"),
    Category("campaigns", "Campaigns", "Planning and launching campaigns", "megaphone"),
    Category("commerce", "Commerce", "Orders, leads and reviews", "shopping-bag"),
    Category("content", "Content", "Writing and publishing", "pen-line"),
    Category("social", "Social", "Being heard on the networks", "share-2"),
    Category("leaderboard", "Leaderboard", "Points and places", "trophy"),
    Category("loyalty", "Loyalty", "Staying with it", "heart"),
)


def _count(event: str, threshold: int, **more: Any) -> dict[str, Any]:
    return {"event": event, "aggregate": "count", "threshold": threshold, **more}


def _sum(event: str, threshold: int, **more: Any) -> dict[str, Any]:
    return {"event": event, "aggregate": "sum", "field": "value", "threshold": threshold, **more}


def _streak(event: str, threshold: int) -> dict[str, Any]:
    return {"event": event, "aggregate": "streak", "threshold": threshold}


_FARMABLE: Final[Mapping[str, Any]] = {"max_per_day": 10}
"""Of what costs a click, ten a day count: enough for a busy day, too few to fill a target in one evening."""

_ONBOARDING: Final = (
    Predefined(
        "first-task", "onboarding", "bronze", 10, "First step", "Complete your first task", _count("task.completed", 1)
    ),
    Predefined(
        "first-wizard",
        "onboarding",
        "bronze",
        25,
        "Guided",
        "Finish a wizard from its first step to its last",
        _count("wizard.completed", 1),
        "wand-sparkles",
    ),
    Predefined(
        "all-round-start",
        "onboarding",
        "silver",
        75,
        "All-round start",
        "Complete a task, publish a piece of content and write a post",
        {"all_of": [_count("task.completed", 1), _count("content.published", 1), _count("social.posted", 1)]},
        "layers",
    ),
    Predefined(
        "fast-start",
        "onboarding",
        "silver",
        50,
        "Fast start",
        "Complete 20 tasks before the first 90 days are over",
        _count("task.completed", 20),
        "timer",
        limits=_FARMABLE,
        lasts_days=90,
    ),
)
_REFERRALS: Final = (
    Predefined(
        "first-sign-up",
        "referrals",
        "bronze",
        20,
        "Word of mouth",
        "Have somebody sign up through your link",
        _count("referral.signed_up", 1),
        "user-plus",
    ),
    Predefined(
        "first-referral",
        "referrals",
        "bronze",
        50,
        "First referral",
        "Have your first referral approved",
        _count("referral.approved", 1),
        "users",
    ),
    Predefined(
        "referral-circle",
        "referrals",
        "silver",
        150,
        "Circle of five",
        "Have 5 referrals approved",
        _count("referral.approved", 5),
        "users",
        preconditions=("first-referral",),
    ),
    Predefined(
        "referral-ambassador",
        "referrals",
        "gold",
        400,
        "Ambassador",
        "Have 25 referrals approved",
        _count("referral.approved", 25),
        "megaphone",
        preconditions=("referral-circle",),
    ),
    Predefined(
        "referral-week",
        "referrals",
        "silver",
        60,
        "Referral of the week",
        "Have a referral approved within the week",
        _count("referral.approved", 1),
        "calendar-check",
        repeats="week",
    ),
)
_CAMPAIGNS: Final = (
    Predefined(
        "first-campaign",
        "campaigns",
        "bronze",
        40,
        "Lift-off",
        "Launch your first campaign",
        _count("campaign.launched", 1),
        "rocket",
    ),
    Predefined(
        "campaign-planner",
        "campaigns",
        "silver",
        120,
        "Planner",
        "Launch 5 campaigns",
        _count("campaign.launched", 5),
        "calendar-range",
        preconditions=("first-campaign",),
    ),
    Predefined(
        "campaign-strategist",
        "campaigns",
        "gold",
        300,
        "Strategist",
        "Launch 20 campaigns",
        _count("campaign.launched", 20),
        "target",
        preconditions=("campaign-planner",),
    ),
    Predefined(
        "campaign-value",
        "campaigns",
        "silver",
        150,
        "Heavy lifter",
        "Earn 1,000 points with campaigns",
        _sum("campaign.launched", 1000),
        "trending-up",
    ),
)
_COMMERCE: Final = (
    Predefined(
        "first-order",
        "commerce",
        "bronze",
        20,
        "Open for business",
        "Complete your first order",
        _count("order.completed", 1),
        "shopping-bag",
    ),
    Predefined(
        "orders-25",
        "commerce",
        "silver",
        120,
        "Busy till",
        "Complete 25 orders",
        _count("order.completed", 25),
        "shopping-cart",
    ),
    Predefined(
        "big-order",
        "commerce",
        "silver",
        80,
        "Big order",
        "Complete an order worth 80 points or more",
        {"event": "order.completed", "aggregate": "max", "field": "value", "threshold": 80},
        "package",
    ),
    Predefined(
        "closer",
        "commerce",
        "gold",
        250,
        "Closer",
        "Win 20 leads",
        _count("lead.won", 20),
        "handshake",
    ),
    Predefined(
        "well-reviewed",
        "commerce",
        "silver",
        90,
        "Well reviewed",
        "Receive 10 reviews",
        _count("review.received", 10),
        "star",
    ),
)
_CONTENT: Final = (
    Predefined(
        "first-piece",
        "content",
        "bronze",
        15,
        "In print",
        "Publish your first piece of content",
        _count("content.published", 1),
        "pen-line",
    ),
    Predefined(
        "content-25",
        "content",
        "silver",
        110,
        "Columnist",
        "Publish 25 pieces of content",
        _count("content.published", 25),
        "newspaper",
        limits=_FARMABLE,
    ),
    Predefined(
        "content-100",
        "content",
        "platinum",
        600,
        "Editor in chief",
        "Publish 100 pieces of content",
        _count("content.published", 100),
        "library",
        preconditions=("content-25",),
        limits=_FARMABLE,
    ),
)
_SOCIAL: Final = (
    Predefined(
        "first-post",
        "social",
        "bronze",
        10,
        "Hello, world",
        "Write your first post",
        _count("social.posted", 1),
        "send",
    ),
    Predefined(
        "posts-50",
        "social",
        "silver",
        100,
        "Regular voice",
        "Write 50 posts",
        _count("social.posted", 50),
        "share-2",
        limits=_FARMABLE,
    ),
    Predefined(
        "post-streak-5",
        "social",
        "gold",
        200,
        "On air",
        "Write a post 5 days in a row",
        _streak("social.posted", 5),
        "radio",
    ),
    Predefined(
        "voice-of-the-month",
        "social",
        "silver",
        50,
        "Voice of the month",
        "Write 10 posts within a month",
        _count("social.posted", 10),
        "calendar-heart",
        repeats="month",
        limits=_FARMABLE,
    ),
)
_LEADERBOARD: Final = (
    Predefined(
        "points-1000",
        "leaderboard",
        "silver",
        50,
        "Four digits",
        "Earn 1,000 points",
        _sum("*", 1000),
        "trophy",
    ),
    Predefined(
        "points-10000",
        "leaderboard",
        "platinum",
        500,
        "Five digits",
        "Earn 10,000 points",
        _sum("*", 10000),
        "trophy",
        preconditions=("points-1000",),
    ),
    Predefined(
        "podium",
        "leaderboard",
        "gold",
        300,
        "On the podium",
        "End a season among the first three",
        _count("leaderboard.podium", 1, filters=[{"field": "rank", "op": "lte", "value": 3}]),
        "medal",
    ),
)
_LOYALTY: Final = (
    Predefined(
        "week-streak",
        "loyalty",
        "silver",
        70,
        "Full week",
        "Be active 7 days in a row",
        _streak("*", 7),
        "flame",
    ),
    Predefined(
        "month-streak",
        "loyalty",
        "platinum",
        500,
        "Full moon",
        "Be active 30 days in a row",
        _streak("*", 30),
        "moon",
        preconditions=("week-streak",),
    ),
    Predefined(
        "many-sided",
        "loyalty",
        "gold",
        180,
        "Many-sided",
        "Do 8 different kinds of things",
        {"event": "*", "aggregate": "distinct", "field": "type", "threshold": 8},
        "shapes",
    ),
    Predefined(
        "collector",
        "loyalty",
        "gold",
        250,
        "Collector",
        "Unlock 10 achievements",
        {"event": "achievement.unlocked", "aggregate": "distinct", "field": "key", "threshold": 10},
        "gem",
    ),
    Predefined(
        "marathon-day",
        "loyalty",
        "gold",
        120,
        "Marathon day",
        "Complete 15 actions in a single day",
        _count("*", 15, window="day"),
        "zap",
        is_hidden=True,
    ),
    Predefined(
        "grand-tour",
        "loyalty",
        "platinum",
        400,
        "Grand tour",
        "Launch a campaign, win a lead and have a referral approved",
        {"all_of": [_count("campaign.launched", 1), _count("lead.won", 1), _count("referral.approved", 1)]},
        "map",
        is_hidden=True,
        preconditions=("all-round-start",),
    ),
)

PREDEFINED: Final[tuple[Predefined, ...]] = (
    *_ONBOARDING,
    *_REFERRALS,
    *_CAMPAIGNS,
    *_COMMERCE,
    *_CONTENT,
    *_SOCIAL,
    *_LEADERBOARD,
    *_LOYALTY,
)
