"""The path of an event past 200 active achievements, beside none, and beside a plain INSERT of the same rows.

Run as `python -m bench.achievement_path`. Starts embedded engines in a folder of its own. Three tenants of equal size
get equal events in turns: one with 200 achievements, one without any, and one whose rows are merely inserted. The
achievements ask for ten event types in seven ways, with up to four thresholds each, as a grown catalogue does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from sqlmodel import func, select

from bench import scene
from bench.measure import Series, Work, publish, time_in_turns
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import boards, ledger
from bizosaas_app.services.gamification.achievements import books
from bizosaas_app.services.gamification.ledger import NewEvent
from models import Achievement, AchievementCategory, TenantAchievement, User

ACHIEVEMENTS: Final = 200
PEOPLE: Final = 200
BATCH: Final = 500
TYPES: Final = tuple(
    f"{noun}.done"
    for noun in ("task", "post", "piece", "order", "lead", "review", "campaign", "referral", "call", "visit")
)
DAYS: Final = 30
COUNTRIES: Final = ("AT", "BE", "CH", "DE", "ES", "FR", "GB", "IN", "IT", "NL", "PL", "US")


WAYS: Final[tuple[tuple[dict[str, Any], tuple[int, ...]], ...]] = (
    ({"aggregate": "count"}, (10, 50, 200, 1000)),
    ({"aggregate": "sum", "field": "value"}, (1000, 5000, 20000)),
    ({"aggregate": "count", "window": "week"}, (10, 30, 100)),
    ({"aggregate": "streak"}, (5, 10, 30)),
    ({"aggregate": "max", "field": "value"}, (98, 99, 100)),
    ({"aggregate": "distinct", "field": "country"}, (10, 12)),
    ({"aggregate": "count", "filters": [{"field": "amount", "op": "gte", "value": 50}]}, (25, 100)),
)
"""What is asked of each type, with its thresholds: twenty achievements a type."""


def _triggers() -> Iterator[dict[str, Any]]:
    for event in TYPES:
        for way, thresholds in WAYS:
            for threshold in thresholds:
                yield {"event": event, "threshold": threshold, **way}


async def _make_tenant(achievements: int) -> tuple[Actor, list[UUID]]:
    held = resources.resources()
    actor = Actor.system(await scene.make_tenant(held, people=PEOPLE))
    async with unit_of_work(actor) as session:
        await boards.ensure_defaults(session, actor)
        category = AchievementCategory(tenant_id=actor.tenant_id, key="bench", name="Bench")
        session.add(category)
        await session.flush()
        for number, trigger in zip(range(achievements), _triggers(), strict=False):
            session.add(
                Achievement(
                    tenant_id=actor.tenant_id,
                    category_id=category.id,
                    key=f"bench-{number}",
                    name=f"Bench {number}",
                    trigger=trigger,
                    points=10,
                    status="active",
                )
            )
        await session.flush()
        await books.renew(session, actor.tenant_id)
        people = list((await session.exec(select(User.id))).all())
    return actor, people


def _events(people: list[UUID], count: int, now: datetime) -> list[NewEvent]:
    return [
        NewEvent(
            event_id=uuid4(),
            type=random.choice(TYPES),
            user_id=random.choice(people),
            value=Decimal(random.randint(1, 100)),
            properties={"country": random.choice(COUNTRIES), "amount": random.randint(1, 100)},
            occurred_at=now - timedelta(days=random.randrange(DAYS), seconds=random.randrange(3600)),
        )
        for _ in range(count)
    ]


class _Tenant:
    """A tenant that is given events."""

    def __init__(self, actor: Actor, people: list[UUID]) -> None:
        self.actor, self.people = actor, people

    async def append(self, count: int) -> None:
        now = utc_now()
        async with unit_of_work(self.actor) as session:
            await ledger.append(session, self.actor, _events(self.people, count, now), now=now, source="api")

    async def unlocks(self) -> int:
        async with unit_of_work(self.actor) as session:
            return (await session.exec(select(func.count()).select_from(TenantAchievement))).one()

    async def insert(self, count: int) -> None:
        """Write the rows, and nothing else: no locks, no boards, no news."""
        now = utc_now()
        events = sorted(_events(self.people, count, now), key=lambda event: event.event_id)
        async with unit_of_work(self.actor) as session:
            await session.execute(
                ledger.APPEND,
                {
                    "tenant_id": self.actor.tenant_id,
                    "now": now,
                    "source": "api",
                    "event_ids": [event.event_id for event in events],
                    "types": [event.type for event in events],
                    "user_ids": [event.user_id for event in events],
                    "values": [event.value for event in events],
                    "properties": [json.dumps(event.properties) for event in events],
                    "moments": [event.occurred_at for event in events],
                },
            )


async def measure(achievements: int, times: int) -> list[Series]:
    """Give the times of single events and of batches, in turns."""
    plain, none, many = [_Tenant(*await _make_tenant(count)) for count in (0, 0, achievements)]
    series: list[Series] = []
    for size, turns in ((1, times), (BATCH, max(10, times // 10))):
        label = "1 event" if size == 1 else f"{size} events"
        works: dict[str, Work] = {
            f"{label}, plain INSERT": lambda size=size: plain.insert(size),
            f"{label}, no achievement": lambda size=size: none.append(size),
            f"{label}, {achievements} achievements": lambda size=size: many.append(size),
        }
        before = await many.unlocks()
        taken = await time_in_turns(works, times=turns, warm_up=5)
        unlocks = (await many.unlocks() - before) / (size * (turns + 5))
        baseline = f"{label}, no achievement"
        for name, seconds in taken.items():
            item = Series(name, seconds, baseline=None if name == baseline else baseline)
            item.figures["events_per_second"] = round(size * len(seconds) / sum(seconds), 1)
            if "achievements" in name:
                item.figures["unlocks_per_event"] = round(unlocks, 3)
            series.append(item)
    return series


async def _run(data_dir: Path, achievements: int, times: int) -> list[Series]:
    async with resources.start(scene.bench_settings(data_dir)):
        return await measure(achievements, times)


def main(achievements: int = ACHIEVEMENTS, times: int = 300) -> None:
    """Measure in engines of its own, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as data_dir:
        series = asyncio.run(_run(data_dir, achievements, times))
    title = f"Events past {achievements} achievements, {PEOPLE} members"
    publish("achievement_path", title, series, achievements=achievements, people=PEOPLE)
    for item in series:
        print(f"  {item.name:32} {item.figures}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--achievements", type=int, default=ACHIEVEMENTS)
    parser.add_argument("--times", type=int, default=300)
    chosen = parser.parse_args()
    main(chosen.achievements, chosen.times)
