"""Live desks: what tells an open page that campaigns, posts or products may be further than it shows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from bizosaas_app.gateway import page_watching
from bizosaas_app.gateway.seats import News
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import desk_news
from bizosaas_app.services.gamification import boards

TOPICS: Final = frozenset({boards.TOPIC, desk_news.TOPIC})
"""What was sent, posted and published is in the ledger; what was steered, answered or failed is told by itself."""


def watch_desk(actor: Actor, permission: str) -> AsyncGenerator[News, None]:
    """Say now and after each change that the desk is to be read, until the session or the permission ends.

    Raises `NotPermitted` at the start.
    """
    return page_watching.watch(actor, TOPICS, permission)
