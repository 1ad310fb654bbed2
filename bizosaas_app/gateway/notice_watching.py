"""Live notices: what an open page learns of its member's inbox, for as long as the session lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Final

from bizosaas_app.gateway import live
from bizosaas_app.gateway.contracts.notifications import InboxLook, Mark
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.notifications import notice_view
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.notifications import inbox, notices

log = get_logger(__name__)

OVERLAP: Final = timedelta(minutes=5)
"""A notice is dated before its transaction commits: so far back a look also finds what came late."""
_FRESH_AT_ONCE: Final = 100
_PAUSE_SECONDS: Final = 2.0
"""Before another try, when the inbox could not be read."""


async def watch_notices(actor: Actor, mark: Mark | None = None) -> AsyncGenerator[InboxLook, None]:
    """Look at the actor's inbox now and after each change of it, until their session ends.

    `mark` is where an earlier page of the same tab has stopped: what came since is new to the first look. Without one
    the first look takes everything as known.
    """
    box: Mailbox[News] = Mailbox(News.merge)
    key = f"user:{actor.member_id()}"
    seat = Seat(actor.tenant_id, frozenset({notices.TOPIC}), frozenset({key}), box.put, box.close, actor)
    with live.hub().seats.taken(seat):
        box.put(News())
        while (news := await box.take()) is not None:
            if news.connection == "reconnecting":
                continue
            try:
                look = await _look(actor, mark)
            except Exception:
                log.exception("an inbox could not be read and is tried again")
                await asyncio.sleep(_PAUSE_SECONDS)
                box.put(News())
                continue
            mark = look.mark
            yield look


async def _look(actor: Actor, mark: Mark | None) -> InboxLook:
    since = utc_now() - OVERLAP
    seen = mark.seen if mark else frozenset()
    async with unit_of_work(actor) as session:
        unread = await inbox.count_unread(session, actor)
        start = min(since, mark.since) if mark else since
        recent = await inbox.list_own(session, actor, limit=_FRESH_AT_ONCE, since=start)
    new = [row for row in recent if row.id not in seen and row.read_at is None] if mark else []
    known = {row.id for row in recent if row.created_at >= since}
    return InboxLook(unread, tuple(notice_view(row) for row in reversed(new)), Mark(since, frozenset(known)))
