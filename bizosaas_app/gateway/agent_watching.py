"""Live lists of agents' runs and proposals: what tells an open page that it is to look again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from bizosaas_app.gateway import live
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.agents import runs

_USE: Final = "use_agents"


async def watch_agents(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and after each change of a run or a proposal that the lists are to be read, until the session ends.

    Raises `NotPermitted` at the start. The news name runs of the whole tenant; what the actor may see of them is
    decided as they read.
    """
    actor.require(_USE)
    box: Mailbox[News] = Mailbox(News.merge)
    seat = Seat(actor.tenant_id, frozenset({runs.TOPIC}), None, box.put, box.close, actor, _USE)
    with live.hub().seats.taken(seat):
        box.put(News())
        while (news := await box.take()) is not None:
            if news.connection != "reconnecting":
                yield news
