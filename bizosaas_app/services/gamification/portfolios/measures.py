"""Measures: what a showcase counts. The table, and the figures that an activity gives by it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from bizosaas_app.kernel.money import Money
from bizosaas_app.services.gamification.facts import APPROVED, UNLOCKED
from bizosaas_app.services.gamification.portfolios import figures
from bizosaas_app.services.gamification.portfolios.figures import Figure, Source, Stretch

RANKED_AT_LEAST: Final = 5
"""A place among fewer says nothing."""
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Count:
    """Events of one kind: how many, what they add up to, and the ids of some of them."""

    events: int
    total: Decimal
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place by points among all who have any."""

    rank: int
    among: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What the ledger holds of a stretch. `actions` leaves out what only follows from other facts."""

    stretch: Stretch
    by_type: Mapping[str, Count] = field(default_factory=dict)
    actions: Count = Count(0, _NOTHING)
    orders: Count = Count(0, _NOTHING)
    """Orders whose amount is known in the tenant's currency."""
    currency: str = "EUR"
    points_by_day: Mapping[date, Decimal] = field(default_factory=dict)
    members: int = 0
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure to count from events of one type, and how a text names one and many of them."""

    key: str
    label: str
    type: str
    one: str
    many: str


KINDS: Final[tuple[Measure, ...]] = (
    Measure("referrals", "Approved referrals", APPROVED, "approved referral", "approved referrals"),
    Measure("orders", "Orders completed", "order.completed", "completed order", "completed orders"),
    Measure("leads", "Leads won", "lead.won", "lead won", "leads won"),
    Measure("campaigns", "Campaigns launched", "campaign.launched", "campaign launched", "campaigns launched"),
    Measure("content", "Content published", "content.published", "piece of content", "pieces of content"),
    Measure("posts", "Social posts", "social.posted", "social post", "social posts"),
    Measure("reviews", "Reviews received", "review.received", "review received", "reviews received"),
    Measure("sign_ups", "Sign-ups by referral", "referral.signed_up", "sign-up by referral", "sign-ups by referral"),
    Measure("tasks", "Tasks completed", "task.completed", "completed task", "completed tasks"),
)
"""Kinds of work, the weightier ones first."""
UNLOCKS: Final = Measure("achievements", "Achievements unlocked", UNLOCKED, "achievement", "achievements")

Read = Callable[[Activity], tuple[Decimal, Source]]


def _kind(measure: Measure) -> Read:
    def read(activity: Activity) -> tuple[Decimal, Source]:
        found = activity.by_type.get(measure.type, Count(0, _NOTHING))
        return Decimal(found.events), Source("count", (measure.type,), found.events, found.event_ids)

    return read


def _points(activity: Activity) -> tuple[Decimal, Source]:
    found = activity.actions
    return found.total, Source("sum", ("*",), found.events, found.event_ids)


def _actions(activity: Activity) -> tuple[Decimal, Source]:
    found = activity.actions
    return Decimal(found.events), Source("count", ("*",), found.events, found.event_ids)


def _active_days(activity: Activity) -> tuple[Decimal, Source]:
    return Decimal(len(activity.points_by_day)), Source("distinct days", ("*",), activity.actions.events)


def _members(activity: Activity) -> tuple[Decimal, Source]:
    return Decimal(activity.members), Source("distinct members", ("*",), activity.actions.events)


PLAIN: Final[tuple[tuple[str, str, Read], ...]] = (
    ("points", "Points earned", _points),
    ("actions", "Recorded actions", _actions),
    *((kind.key, kind.label, _kind(kind)) for kind in (*KINDS, UNLOCKS)),
    ("active_days", "Active days", _active_days),
    ("members", "Members taking part", _members),
)
"""Key, label and reader of each plain number; each is compared with the period before."""


def derive(now: Activity, before: Activity) -> list[Figure]:
    """Give every figure that has data, in the order of the tables; only what counts now is compared."""
    return [
        *_calendar(now.stretch),
        *(figure for key, label, read in PLAIN for figure in _compared(key, label, read, now, before)),
        *_order_value(now, before),
        *_best_day(now),
        *_place(now),
    ]


def _calendar(stretch: Stretch) -> Iterator[Figure]:
    yield figures.number("days", "Days in the period", Decimal(stretch.days), stretch, Source("calendar"))


def _compared(key: str, label: str, read: Read, now: Activity, before: Activity) -> Iterator[Figure]:
    value, source = read(now)
    if value <= 0:
        return
    figure = figures.number(key, label, value, now.stretch, source)
    yield figure
    earlier, earlier_source = read(before)
    if earlier <= 0:
        return
    yield figures.number(f"{key}_before", f"{label}, period before", earlier, before.stretch, earlier_source)
    changed = figures.change(figure, value, earlier)
    if changed is not None:
        yield changed


def _order_value(now: Activity, before: Activity) -> Iterator[Figure]:
    if now.orders.total <= 0:
        return
    for key, label, activity in (
        ("order_value", "Value of orders", now),
        ("order_value_before", "Value of orders, period before", before),
    ):
        found = activity.orders
        if found.total > 0:
            source = Source("sum of amounts", ("order.completed",), found.events, found.event_ids)
            yield figures.money(key, label, Money(found.total, activity.currency), activity.stretch, source)


def _best_day(now: Activity) -> Iterator[Figure]:
    if len(now.points_by_day) < 2:
        return
    best, points = max(now.points_by_day.items(), key=lambda item: (item[1], item[0]))
    if points > 0:
        source = Source("largest sum of a day", ("*",), now.actions.events)
        yield figures.number("best_day", "Points of the best day", points, Stretch(best, best), source)


def _place(now: Activity) -> Iterator[Figure]:
    if now.place is not None and now.place.among >= RANKED_AT_LEAST:
        source = Source("rank by points", ("*",), now.actions.events)
        yield figures.number("rank", "Rank by points", Decimal(now.place.rank), now.stretch, source)
        yield figures.number("ranked", "Members with points", Decimal(now.place.among), now.stretch, source)
