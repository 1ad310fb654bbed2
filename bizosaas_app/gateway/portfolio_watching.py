"""Live showcases: what tells an open page that one was changed, seen, or is a step further written."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from bizosaas_app.gateway import page_watching
from bizosaas_app.gateway.seats import News
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.portfolios import news
from bizosaas_app.services.jobs import runs

_USE: Final = "access_gamification"


def watch_showcases(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and after each change of a showcase or of a run that they are to be read, until the session ends.

    Raises `NotPermitted` at the start. The news name showcases of the whole tenant; what the actor may see of them is
    decided as they read.
    """
    return page_watching.watch(actor, frozenset({news.TOPIC, runs.TOPIC}), _USE)
