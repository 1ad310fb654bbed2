"""Open tables of an administrator: what changes them is told, to their permission alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from bizosaas_app.gateway import members, page_watching
from bizosaas_app.gateway.contracts.members import ChangeUser, Invite, UserChange
from bizosaas_app.gateway.seats import News
from bizosaas_app.kernel.errors import NotPermitted
from tests.support.boards import MIA, Arena, arena, running_relay
from tests.support.followers import hub

__all__ = ["arena", "hub", "running_relay"]

ADMIN = "admin@acme.example"


async def heard(news: AsyncGenerator[News, None], topic: str) -> None:
    """Wait until the topic is told of."""
    async with asyncio.timeout(10):
        async for item in news:
            if topic in {name for name, _ in item.changes}:
                return
    raise AssertionError("the news have ended")


@pytest.mark.usefixtures("hub")
async def test_an_invitation_and_a_role_are_news_for_the_table_of_members(arena: Arena) -> None:
    admin = await arena.world.actor(ADMIN)
    async with aclosing(page_watching.watch_members(admin)) as news:
        assert not (await anext(news)).changes
        await members.invite_user(admin, Invite.model_validate({"email": "late@acme.example", "role": "user"}))
        await heard(news, "mail")
        change = ChangeUser(user_id=arena.person(MIA), change=UserChange.model_validate({"role": "tenant_admin"}))
        await members.change_user(admin, change)
        await heard(news, "session")


async def test_nobody_without_the_permission_is_told(arena: Arena) -> None:
    with pytest.raises(NotPermitted):
        await anext(page_watching.watch_members(await arena.world.actor(MIA)))
