"""Live progress: when a member's achievements have moved, for as long as their session lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from bizosaas_app.gateway import live
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import boards
from bizosaas_app.services.gamification.achievements import movement
from bizosaas_app.services.notifications import notices

READ = "access_gamification"
TOPICS = frozenset({notices.TOPIC, boards.TOPIC})
"""Whatever moves a counter moves a board, and what is decided is told."""
LOOK_SECONDS: Final = 1.0


async def watch_progress(actor: Actor) -> AsyncGenerator[News, None]:
    """Tell at once, and then each time that an achievement of the actor's own has come nearer, come or gone.

    The news are those of the whole tenant; whether they concern the actor is one small question to the database, put
    at most once in `LOOK_SECONDS`: what comes meanwhile waits for the next one, what comes after a quiet time does not.
    Ends with the session, or with the permission. Raises `NotPermitted`.
    """
    actor.require(READ)
    box: Mailbox[News] = Mailbox(News.merge)
    known: movement.Mark | None = None
    clock = asyncio.get_running_loop().time
    with live.hub().seats.taken(Seat(actor.tenant_id, TOPICS, None, box.put, box.close, actor, READ)):
        box.put(News())
        while (news := await box.take()) is not None:
            if news.connection == "reconnecting":
                continue
            async with unit_of_work(actor) as session:
                mark = await movement.mark_of(session, actor.member_id())
            looked_at = clock()
            if mark != known:
                known = mark
                yield news
            await asyncio.sleep(looked_at + LOOK_SECONDS - clock())
