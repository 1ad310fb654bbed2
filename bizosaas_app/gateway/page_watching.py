"""News for an open page: when what it shows may have changed, for as long as the reader's session lives."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from bizosaas_app.gateway import live
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.accounts import epochs, letters
from bizosaas_app.services.gamification import boards
from bizosaas_app.services.jobs import runs

MEMBERS: Final = frozenset({boards.TOPIC, epochs.TOPIC, letters.TOPIC})
"""Who joins or is renamed, whose role or access changes, and who is invited."""


def watch_members(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and each time that the table of members may have changed; see `watch`."""
    return watch(actor, MEMBERS, "manage_users")


def watch_awards(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and each time that the awarding of an achievement may have come further; see `watch`."""
    return watch(actor, frozenset({runs.TOPIC}), "manage_achievements")


def watch_own_runs(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and each time that long work of the tenant may have come further, to anybody signed in; see `watch`."""
    return watch(actor, frozenset({runs.TOPIC}), None)


async def watch(actor: Actor, topics: frozenset[str], permission: str | None) -> AsyncGenerator[News, None]:
    """Say now and after each change of these topics that the page is to be read, until the session ends.

    Ends with the permission as well, where there is one. Raises `NotPermitted` at the start.
    """
    if permission is not None:
        actor.require(permission)
    box: Mailbox[News] = Mailbox(News.merge)
    with live.hub().seats.taken(Seat(actor.tenant_id, topics, None, box.put, box.close, actor, permission)):
        box.put(News())
        while (news := await box.take()) is not None:
            if news.connection != "reconnecting":
                yield news
