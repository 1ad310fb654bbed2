"""The live overview: what tells an open page of the administrators that its figures may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from bizosaas_app.gateway import live
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.overview import ANSWER_SECONDS
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.accounts import letters
from bizosaas_app.services.agents import runs as agent_runs
from bizosaas_app.services.gamification import boards
from bizosaas_app.services.jobs import runs as job_runs

TOPICS: Final = frozenset({boards.TOPIC, agent_runs.TOPIC, job_runs.TOPIC, letters.TOPIC})
"""The ledger and its people, agents, jobs, and invitations as they are mailed."""
_SEE: Final = "view_analytics"


async def watch_overview(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and after each change that the figures are to be read, until the session ends.

    An answer may be as old as `ANSWER_SECONDS`, so each change is told once more when no such answer is left. Raises
    `NotPermitted` at the start.
    """
    actor.require(_SEE)
    box: Mailbox[News] = Mailbox(News.merge)
    seat = Seat(actor.tenant_id, TOPICS, None, box.put, box.close, actor, _SEE)
    loop = asyncio.get_running_loop()
    again: asyncio.TimerHandle | None = None
    try:
        with live.hub().seats.taken(seat):
            box.put(News())
            while (news := await box.take()) is not None:
                if news.connection == "reconnecting":
                    continue
                if news.changes and (again is None or again.when() <= loop.time()):
                    again = loop.call_later(ANSWER_SECONDS + 1, box.put, News())
                yield news
    finally:
        if again is not None:
            again.cancel()
