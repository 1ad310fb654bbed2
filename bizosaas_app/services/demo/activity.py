"""The demo's days: which events a member has on a day. Pure, and the same for the same day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("5b0f6c1e-6d5c-4e0b-9a57-0d7f7f6f2d11")
DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Habit:
    """A kind of event: how often it comes beside the others, and its points."""

    type: str
    weight: int
    low: int
    high: int


HABITS: Final[tuple[Habit, ...]] = (
    Habit("task.completed", 30, 5, 15),
    Habit("social.posted", 22, 5, 20),
    Habit("content.published", 14, 20, 60),
    Habit("order.completed", 12, 10, 90),
    Habit("lead.won", 8, 40, 120),
    Habit("review.received", 6, 15, 30),
    Habit("campaign.launched", 4, 80, 150),
)


@dataclass(frozen=True, slots=True)
class DemoEvent:
    """One event to append to the ledger."""

    event_id: UUID
    type: str
    user_id: UUID
    value: Decimal
    occurred_at: datetime


def day_events(tenant_slug: str, members: list[tuple[str, UUID]], day: date) -> Iterator[DemoEvent]:
    """Give the events of one tenant's members, by e-mail and id, on one day (UTC)."""
    for email, user_id in members:
        rng = random.Random(f"{tenant_slug}/{email}/{day.isoformat()}")
        # The people that the documentation names are busy ones: somebody who tries the demo is one of them.
        zeal = 0.9 if email.startswith(("client@", "admin@")) else random.Random(email).uniform(0.15, 1.0)
        # Agencies rest at the weekend, and nobody records something every day.
        busy = zeal * (0.25 if day.weekday() >= 5 else 1.0)
        count = sum(rng.random() < busy * 0.6 for _ in range(3))
        for number in range(count):
            habit = rng.choices(HABITS, weights=[item.weight for item in HABITS])[0]
            moment = datetime.combine(day, time(6), UTC) + timedelta(seconds=rng.randrange(15 * 3600))
            name = f"{tenant_slug}/{email}/{day.isoformat()}/{number}"
            value = Decimal(rng.randint(habit.low, habit.high))
            yield DemoEvent(uuid5(_NAMESPACE, name), habit.type, user_id, value, moment)
