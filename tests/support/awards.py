"""What the tests of achievements share: defining, looking at what stands, and comparing with a rebuild."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.achievements import custom, deriving, shelf
from bizosaas_app.services.gamification.achievements.custom import Draft
from bizosaas_app.services.gamification.achievements.definitions import Definition
from bizosaas_app.services.gamification.achievements.shelf import Item
from tests.support.boards import Arena

_STATE = {
    "counters": "SELECT user_id, meter, period, fold, value, pending, events FROM achievement_counters",
    "members": "SELECT user_id, meter, period, member, confirmed, pending FROM counter_members",
    "standing": """SELECT user_id, achievement_id, period, status, generation, progress, target, points_awarded,
        event_ids::text, unlocked_at, revoked_at, revoke_reason FROM tenant_achievements""",
    "facts": "SELECT event_id, reverses_event_id, type FROM gamification_events",
    "notices": "SELECT id FROM notifications",
}


def count(event: str = "task.completed", threshold: float = 3, **more: Any) -> dict[str, Any]:
    """A trigger of one leaf."""
    return {"event": event, "aggregate": "count", "threshold": threshold, **more}


@dataclass
class Hall:
    """Where achievements are defined and looked at."""

    arena: Arena

    async def define(
        self, key: str, trigger: Mapping[str, Any], *, slug: str = "acme-corp", **fields: Any
    ) -> Definition:
        """Publish an achievement of the tenant's own."""
        actor = self.arena.world.system(slug)
        usual = {"name": key.title(), "category": "onboarding", "points": 10}
        draft = Draft(key=key, trigger=trigger, **usual | fields)
        async with self.arena.world.resources.database.unit_of_work(actor) as session:
            return await custom.create(session, actor, draft, now=utc_now())

    async def change(self, key: str, **changes: Any) -> Definition:
        actor = self.arena.world.system()
        async with self.arena.world.resources.database.unit_of_work(actor) as session:
            return await custom.change(session, actor, key, changes, now=utc_now())

    async def item(self, email: str, key: str) -> Item:
        """What a member sees of an achievement."""
        actor = Actor.system(self.arena.world.tenant_of(email))
        async with self.arena.world.resources.database.unit_of_work(actor) as session:
            items = await shelf.list_items(session, actor.tenant_id, self.arena.person(email), now=utc_now())
        return next(item for item in items if item.definition.key == key)

    async def state(self, email: str, key: str) -> str:
        return (await self.item(email, key)).state

    async def rebuild(self, slug: str = "acme-corp") -> int:
        actor = self.arena.world.system(slug)
        async with self.arena.world.resources.database.unit_of_work(actor) as session:
            return await deriving.rebuild(session, actor, now=utc_now())

    async def everything(self, slug: str = "acme-corp", *, but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
        """All that is derived, with the facts and notices that came of it."""
        async with self.arena.world.resources.database.unit_of_work(self.arena.world.system(slug)) as session:
            return {
                name: sorted(tuple(map(str, row)) for row in await session.execute(text(query)))
                for name, query in _STATE.items()
                if name not in but
            }

    async def facts(self, kind: str = "achievement.unlocked") -> list[tuple[UUID, str, bool]]:
        """Our own facts: whose, the key, and whether it still stands."""
        query = text("""
            SELECT e.user_id, e.properties ->> 'key', r.event_id IS NULL FROM gamification_events e
            LEFT JOIN gamification_events r ON r.tenant_id = e.tenant_id AND r.reverses_event_id = e.event_id
            WHERE e.type = :kind ORDER BY e.received_at, e.properties ->> 'generation'
        """)
        async with self.arena.world.resources.database.unit_of_work(self.arena.world.system()) as session:
            return [(row[0], row[1], row[2]) for row in await session.execute(query, {"kind": kind})]

    async def notices(self, email: str) -> list[str]:
        """The titles of a member's notices about unlocks, in the order in which they came."""
        query = text("SELECT title FROM notifications WHERE user_id = :user_id AND kind = 'unlock' ORDER BY id")
        async with self.arena.world.resources.database.unit_of_work(self.arena.world.system()) as session:
            rows = await session.execute(query, {"user_id": self.arena.person(email)})
            return list(rows.scalars())


@pytest.fixture
async def hall(arena: Arena) -> Hall:
    """Acme and globex without any achievement yet."""
    return Hall(arena)
