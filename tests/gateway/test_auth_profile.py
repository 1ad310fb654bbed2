"""One's own name: changed by oneself, over HTTP and in process, and in sight of everybody at once."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bizosaas_app.gateway import accounts
from bizosaas_app.gateway.contracts.accounts import ChangeProfile
from bizosaas_app.kernel.errors import NotPermitted
from models import AuditEntry
from tests.support.api import api_client
from tests.support.boards import MIA, Arena, Client, arena

__all__ = ["arena"]

ADMIN = "admin@acme.example"


async def names(arena: Arena) -> list[str]:
    board = await (await Client.of(arena, ADMIN)).get("/leaderboards/points")
    return [entry["display_name"] for entry in board.json()["entries"]]


async def test_a_new_name_stands_on_boards_and_in_the_session_at_once(arena: Arena) -> None:
    world = arena.world
    await arena.score(MIA, 30)
    assert "Mia" in (await names(arena))[0]
    mia = await world.sign_in(MIA)
    async with api_client(world.resources.settings, headers=mia.headers) as client:
        answer = await client.patch("/api/v1/auth/me", json={"name": "  Maria Fox "})
        assert (answer.status_code, answer.json()["user"]["name"]) == (200, "Maria Fox")
        assert (await client.get("/api/v1/auth/me")).json()["user"]["name"] == "Maria Fox"
    await arena.relay.drain()
    assert await names(arena) == ["Maria Fox"]
    async with world.resources.database.unit_of_work(world.system()) as session:
        (entry,) = (await session.exec(select(AuditEntry).where(AuditEntry.action == "users.renamed"))).all()
    assert (entry.actor_user_id, entry.detail["to"]) == (world.people[MIA], "Maria Fox")


@pytest.mark.parametrize(
    "body", [{}, {"name": " "}, {"name": "a\nb"}, {"name": "x" * 121}, {"name": "x", "role": "user"}]
)
async def test_what_is_no_name_is_refused(arena: Arena, body: dict[str, str]) -> None:
    mia = await arena.world.sign_in(MIA)
    async with api_client(arena.world.resources.settings, headers=mia.headers) as client:
        assert (await client.patch("/api/v1/auth/me", json=body)).status_code == 422


async def test_nobody_but_a_member_has_a_profile(arena: Arena) -> None:
    with pytest.raises(NotPermitted):
        await accounts.change_profile(arena.world.system(), ChangeProfile(name="System"))
