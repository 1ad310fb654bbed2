"""The same events give the same end, however they arrive: out of order, again, at once, undone in between.

The tenant that everything is compared with was only ever told what counts in the end, in order and once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.database import Database
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.accounts import members
from bizosaas_app.services.analytics import rollups
from bizosaas_app.services.gamification import boards, ledger
from bizosaas_app.services.gamification.achievements import custom, defaults, deriving
from bizosaas_app.services.gamification.achievements.custom import Draft
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.tenants import records
from models import Leaderboard
from tests.support import derived
from tests.support.boards import MIA, Arena
from tests.support.derived import EXACT, SAME_END
from tests.support.referrals import open_shop

EVENTS: Final = 2000
UNDONE: Final = 30
PEOPLE: Final = 12
WRITERS: Final = 3
TIMEZONE: Final = "Europe/Berlin"
_NAMESPACE: Final = UUID("7a1f8a52-2f0e-4a53-9d0c-0a6f7e1e9b11")
_NEWEST: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)

TYPES: Final = (
    *("task.completed", "social.posted", "order.completed", "campaign.launched"),
    *("referral.signed_up", "referral.approved", "lead.won"),
)

BOARDS: Final[dict[str, dict[str, Any]]] = {
    "spent": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "decr"},
    "record": {"metric": {"event": "order.completed", "aggregate": "max", "field": "size"}, "tie_rule": "dense"},
    "fastest": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "best", "sort": "asc"},
    "latest": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "set"},
}
AWARDS: Final[dict[str, dict[str, Any]]] = {
    "sum": {"event": "*", "aggregate": "sum", "field": "value", "threshold": 500},
    "max": {"event": "order.completed", "aggregate": "max", "field": "size", "threshold": 18},
    "streak": {"event": "*", "aggregate": "streak", "threshold": 5},
    "month": {"event": "task.completed", "aggregate": "count", "threshold": 8, "window": "month"},
    "kinds": {"event": "*", "aggregate": "distinct", "field": "shop", "threshold": 4},
}


@dataclass(frozen=True)
class Told:
    """An event as everybody is told it; `person` is the number of a member, None for nobody."""

    number: int
    person: int | None
    type: str
    value: Decimal | None
    properties: dict[str, Any]
    occurred_at: datetime


def make_events() -> list[Told]:
    rng = random.Random(20)
    return [
        Told(
            number,
            rng.choice([None, *range(PEOPLE), *range(PEOPLE)]),
            rng.choice(TYPES),
            rng.choice([None, Decimal(rng.randint(-5, 40)), Decimal("0.1")]),
            {"size": rng.randint(1, 20), "shop": f"s{rng.randint(1, 6)}"}
            | ({"platform": rng.choice(["coreldove", "bizoholic", "mars"])} if rng.random() < 0.3 else {})
            | ({"self_reported": True} if rng.random() < 0.1 else {}),
            _NEWEST - timedelta(minutes=rng.randrange(60 * 24 * 40)),
        )
        for number in range(EVENTS)
    ]


ALL: Final = make_events()
TAKEN_BACK: Final = frozenset(random.Random(21).sample(range(EVENTS), UNDONE))


class Stage:
    """A tenant of its own with the same people, boards and achievements as every other stage."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.actor = Actor.system(new_id())
        self.people: list[UUID] = []

    async def open(self) -> Stage:
        now = utc_now() - timedelta(days=60)
        slug = f"stage-{self.actor.tenant_id.hex[-12:]}"
        async with self.database.unit_of_work(self.actor) as session:
            await records.create_tenant(session, self.actor, slug=slug, name="Stage", timezone=TIMEZONE, now=now)
            for number in range(PEOPLE):
                person = await members.add_member(
                    session,
                    self.actor,
                    email=f"p{number}@{slug}.example",
                    name=f"Person {number:02}",
                    password_hash="-",
                    role="user",
                    now=now,
                )
                self.people.append(person.id)
            for key, columns in BOARDS.items():
                session.add(Leaderboard(tenant_id=self.actor.tenant_id, key=key, title=key, **columns))
            await boards.ensure_defaults(session, self.actor)
            # Of one moment for every stage: what an achievement with an end counts is known by that end.
            await defaults.ensure(session, self.actor, now=_NEWEST)
            for key, trigger in AWARDS.items():
                draft = Draft(key=key, name=key, category="onboarding", trigger=trigger, points=10)
                await custom.create(session, self.actor, draft, now=utc_now())
        return self

    def event(self, told: Told) -> NewEvent:
        return NewEvent(
            event_id=self.event_id(told.number),
            type=told.type,
            user_id=None if told.person is None else self.people[told.person],
            value=told.value,
            properties=told.properties,
            occurred_at=told.occurred_at,
        )

    def event_id(self, number: int) -> UUID:
        return uuid5(_NAMESPACE, str(number))

    async def append(self, events: Sequence[Told]) -> int:
        async with self.database.unit_of_work(self.actor) as session:
            batch = [self.event(told) for told in events]
            return (await ledger.append(session, self.actor, batch, now=utc_now(), source="service")).accepted

    async def reverse(self, number: int) -> None:
        async with self.database.unit_of_work(self.actor) as session:
            await ledger.reverse(session, self.actor, self.event_id(number), reason="refund", now=utc_now())

    async def rebuild(self) -> None:
        async with self.database.unit_of_work(self.actor) as session:
            await rollups.rebuild(session, self.actor)
            await deriving.rebuild(session, self.actor, now=utc_now())
            await boards.rebuild_all(session, self.actor, now=utc_now())

    async def rows(self, wanted: Any) -> derived.Rows:
        return await derived.read(self.database, self.actor, wanted)


@dataclass(frozen=True)
class Plan:
    """How the events arrive: in which order, in batches of which sizes, and how many come a second time."""

    order: random.Random
    sizes: list[int]
    repeated: float

    def batches(self) -> list[list[Told]]:
        """Give the batches; every third is sent a second time by whoever is free at that moment."""
        left = list(ALL)
        self.order.shuffle(left)
        found: list[list[Told]] = []
        while left:
            size = self.sizes[len(found) % len(self.sizes)]
            found.append(left[:size])
            left = left[size:]
        sent = [[*batch, *self.order.sample(ALL, int(len(batch) * self.repeated))] for batch in found]
        return [batch for number, batch in enumerate(sent) for _ in range(2 if number % 3 == 0 else 1)]


plans = st.builds(
    Plan,
    order=st.randoms(use_true_random=True),
    sizes=st.lists(st.sampled_from([120, 300, 500]), min_size=1, max_size=4),
    repeated=st.sampled_from([0.05, 0.3]),
)


async def play(stage: Stage, plan: Plan) -> int:
    """Have several writers at once append the batches, and undo what is to be undone of what they appended."""
    waiting = plan.batches()

    async def writer() -> int:
        accepted = 0
        while waiting:
            batch = waiting.pop()
            accepted += await stage.append(batch)
            for told in batch:
                if told.number in TAKEN_BACK:
                    await stage.reverse(told.number)
        return accepted

    return sum(await asyncio.gather(*(writer() for _ in range(WRITERS))))


@pytest.fixture
async def expected(database: Database) -> derived.Rows:
    """What a tenant ends with that was never told of what is taken back."""
    stage = await Stage(database).open()
    kept = sorted((told for told in ALL if told.number not in TAKEN_BACK), key=lambda told: told.occurred_at)
    for start in range(0, len(kept), 500):
        await stage.append(kept[start : start + 500])
    return await stage.rows(SAME_END)


@given(plan=plans)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), database=None)
async def test_two_thousand_events_end_alike_however_they_arrive_and_a_rebuild_changes_nothing(
    database: Database, expected: derived.Rows, plan: Plan
) -> None:
    stage = await Stage(database).open()
    assert await play(stage, plan) == EVENTS
    found = await stage.rows(SAME_END)
    for name, rows in expected.items():
        assert found[name] == rows, name
    before = await stage.rows(EXACT)
    await stage.rebuild()
    after = await stage.rows(EXACT)
    for name, rows in before.items():
        assert after[name] == rows, name


async def test_undoing_a_conversion_undoes_rank_points_unlock_and_reward(arena: Arena) -> None:
    actor, database = arena.world.system(), arena.world.resources.database
    async with database.unit_of_work(actor) as session:
        await defaults.ensure(session, actor, now=utc_now())
    shop = await open_shop(arena.world)
    untouched = await derived.read(database, actor, SAME_END)
    row = await shop.approved()
    gained = await derived.read(database, actor, SAME_END)
    assert {name for name in gained if gained[name] != untouched[name]} >= {
        "entries",
        "days",
        "member days",
        "achievements",
    }
    assert await shop.standing(MIA) == (1, "bronze")
    assert row.event_id is not None
    await arena.reverse(row.event_id)
    assert await derived.read(database, actor, SAME_END) == untouched
    assert await arena.ranked(await arena.board("referrals")) == []
    assert (await shop.conversion(row.id)).reward_status == "clawed_back"
    assert sum(amount for _, amount in await shop.entries()) == 0
