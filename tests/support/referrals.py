"""What the tests of referrals share: programmes, codes, and a shop that tells conversions."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.referrals import codes, programs, reviews, standing, tracking
from bizosaas_app.services.gamification.referrals.codes import Origin
from bizosaas_app.services.gamification.referrals.telling import Telling
from bizosaas_app.services.gamification.referrals.tiers import Tier
from bizosaas_app.services.gamification.referrals.tracking import Tracked
from models import GamificationEvent, ReferralConversion, ReferralProgram, ReferralSignUp, RewardEntry, TierMove
from tests.support.boards import MIA, Arena, arena
from tests.support.world import World

__all__ = ["MIA", "Shop", "arena", "open_shop", "shop"]

ADMIN = "admin@acme.example"
LANDING = "https://acme.example/welcome"
AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"
)
TIERS = (
    Tier(key="bronze", name="Bronze", threshold=1, reward=Decimal(10), referred_reward=Decimal(5)),
    Tier(key="silver", name="Silver", threshold=3, reward=Decimal(20), referred_reward=Decimal(5)),
)

_numbers = itertools.count(1)


@dataclass
class Shop:
    """A tenant's own system with one programme; `code` is mia's."""

    world: World
    program: ReferralProgram
    code: str
    slug: str = "acme-corp"
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return self.world.system(self.slug)

    @asynccontextmanager
    async def work(self, actor: Actor | None = None) -> AsyncIterator[AsyncSession]:
        async with self.world.resources.database.unit_of_work(actor or self.actor) as session:
            yield session

    def telling(self, **fields: Any) -> Telling:
        """Make a conversion that looks like many others: another friend, another household."""
        number = next(_numbers)
        usual: dict[str, Any] = {
            "external_id": f"order-{number}",
            "code": self.code,
            "referred_email": f"friend{number}.{_name(number)}@{_name(number + 7)}.example",
            "ip_address": f"81.{number % 200}.{number % 7}.{number % 250 + 1}",
            "user_agent": AGENT,
            "order_value": Decimal("49.90"),
        }
        return Telling(**{**usual, **self.told, **fields})

    async def tell(self, now: datetime | None = None, **fields: Any) -> Tracked:
        """Tell one conversion in a transaction of its own."""
        async with self.work() as session:
            return await tracking.track(session, self.actor, self.telling(**fields), now=now or utc_now())

    async def approved(self, **fields: Any) -> ReferralConversion:
        """Tell one that is approved, and give its row."""
        done = await self.tell(**fields)
        assert done.answer["status"] == "approved", done.answer
        return await self.conversion(done.answer["id"])

    async def conversion(self, conversion_id: UUID | str) -> ReferralConversion:
        async with self.work() as session:
            query = select(ReferralConversion).where(ReferralConversion.id == UUID(str(conversion_id)))
            return (await session.exec(query)).one()

    async def review(self, conversion_id: UUID | str, decision: Any, note: str | None = None) -> ReferralConversion:
        actor = await self.world.actor(ADMIN)
        async with self.work(actor) as session:
            return await reviews.review(
                session, actor, UUID(str(conversion_id)), decision=decision, note=note, now=utc_now()
            )

    async def change(self, **fields: Any) -> ReferralProgram:
        async with self.work() as session:
            self.program = await programs.change(session, self.actor, self.program.id, fields=fields, now=utc_now())
        return self.program

    async def code_for(self, email: str, **fields: Any) -> str:
        async with self.work() as session:
            row, _ = await codes.ensure(
                session,
                self.actor,
                self.program,
                self.world.people[email],
                channel=None,
                origin=Origin(**fields),
                now=utc_now(),
            )
        return row.code

    async def all(self, model: type[SQLModel]) -> list[Any]:
        """Give every row of a table, the oldest first."""
        order = {TierMove: "moved_at"} | dict.fromkeys((RewardEntry, ReferralConversion, ReferralSignUp), "created_at")
        async with self.work() as session:
            query = select(model).order_by(getattr(model, order.get(model, "id")))
            return list((await session.exec(query)).all())

    async def entries(self) -> list[tuple[str, Decimal]]:
        return sorted((row.kind, row.amount) for row in await self.all(RewardEntry))

    async def facts(self, *, live: bool = True) -> list[tuple[str, Decimal | None]]:
        """Give type and value of the ledger's facts, those that were undone left out."""
        async with self.work() as session:
            rows = (await session.exec(select(GamificationEvent).order_by(col(GamificationEvent.event_id)))).all()
        undone = {row.reverses_event_id for row in rows}
        return sorted(
            (row.type, row.value) for row in rows if not row.is_reversal and not (live and row.event_id in undone)
        )

    async def standing(self, email: str = MIA) -> tuple[int, str | None]:
        async with self.work() as session:
            found = await standing.read(session, self.program.id, self.world.people[email])
        return found.approved, found.tier


async def open_shop(world: World, slug: str = "acme-corp", owner: str = MIA, **fields: Any) -> Shop:
    """Begin a programme without fraud checks and give its shop, with a code of the owner."""
    terms: Mapping[str, Any] = {
        "name": "Friends",
        "platform": "bizosaas",
        "status": "active",
        "is_default": True,
        "landing_url": LANDING,
        "qualifying_event": "order.completed",
        "tiers": TIERS,
        "hold_days": 14,
        "is_fraud_checked": False,
        **fields,
    }
    actor = world.system(slug)
    async with world.resources.database.unit_of_work(actor) as session:
        columns = {**ReferralProgram.model_construct().model_dump(), **terms}
        columns = {name: columns[name] for name in ReferralProgram.model_fields if name in columns}
        for own in ("id", "tenant_id", "created_at", "updated_at", "archived_at", "currency"):
            columns.pop(own, None)
        program = await programs.create(session, actor, fields=columns, now=utc_now())
    opened = Shop(world, program, "", slug)
    opened.code = await opened.code_for(owner)
    return opened


@pytest.fixture
async def shop(arena: Arena) -> Shop:
    """Acme's shop, with the boards of acme following the ledger."""
    return await open_shop(arena.world)


def days_ago(days: float) -> datetime:
    """A moment in the past, to the second."""
    return (datetime.now(UTC) - timedelta(days=days)).replace(microsecond=0)


def _name(number: int) -> str:
    return "".join("bcdfghjklmnprstvwz"[number // 18**place % 18] + "aeiou"[(number + place) % 5] for place in range(3))
