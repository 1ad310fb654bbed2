"""Industries in tests: a tenant that takes part in the comparison, and further ones of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import update

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.accounts import members
from bizosaas_app.services.gamification import boards, industry, ledger
from bizosaas_app.services.tenants import records
from models import Tenant
from tests.support.boards import Arena, Client, event

ADMIN = "admin@acme.example"
PATH = "/leaderboards/industry"


async def share(arena: Arena, email: str = ADMIN, **settings: Any) -> dict[str, Any]:
    """Have the tenant of this administrator take part; give its view."""
    body = {"industry": "Web  Agency", "shares": True, **settings}
    answer = await (await Client.of(arena, email)).put(f"{PATH}/settings", body)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


@dataclass
class Peer:
    """Another tenant of the same industry with two active members."""

    actor: Actor

    async def change(self, arena: Arena, **columns: Any) -> None:
        async with arena.world.resources.database.unit_of_work(self.actor) as session:
            await session.execute(update(Tenant).values(**columns))


async def add_peer(arena: Arena, points: int) -> Peer:
    """Write a tenant that takes part, whose two members have so many points each."""
    actor, now = Actor.system(new_id()), utc_now()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        slug = f"peer-{actor.tenant_id.hex[-10:]}"
        await records.create_tenant(session, actor, slug=slug, name="Peer", now=now)
        users = [
            await members.add_member(
                session, actor, email=f"p{number}@{slug}.example", name="P", password_hash="-", role="user", now=now
            )
            for number in range(2)
        ]
        await boards.ensure_defaults(session, actor)
        await industry.change(session, actor, name=" web agency ", shares=True)
        await ledger.append(session, actor, [event(user.id, points) for user in users], now=now, source="service")
    return Peer(actor)
