"""The live review desk: what tells an open page that a conversion came, was decided or was undone."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from bizosaas_app.gateway import page_watching
from bizosaas_app.gateway.review_desk import MANAGE
from bizosaas_app.gateway.seats import News
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.review_desk import queue


def watch_desk(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and after each change of the queue that it is to be read, until the session ends.

    Raises `NotPermitted` at the start.
    """
    return page_watching.watch(actor, frozenset({queue.TOPIC}), MANAGE)
