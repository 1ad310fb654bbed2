"""Bells: ring in this process when news of a run come, so that whoever waits for it need not ask again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from bizosaas_app.gateway import live
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.services.agents import runs

_LOOK_SECONDS: Final = 2.0
"""News can get lost with a connection: so often it is looked all the same."""
_LOOK_ALONE_SECONDS: Final = 0.25
"""Where no news can come (commands, an outage of Valkey)."""


class Bell:
    """The bell of one run."""

    def __init__(self, hub: live.LiveHub | None) -> None:
        self._hub = hub
        self._rung = asyncio.Event()

    @property
    def has_rung(self) -> bool:
        """Whether something happened since the last `hush`."""
        return self._rung.is_set()

    @property
    def patience_seconds(self) -> float:
        """How long one may rely on the bell alone."""
        is_live = self._hub is not None and self._hub.connection == "live"
        return _LOOK_SECONDS if is_live else _LOOK_ALONE_SECONDS

    def ring(self, news: News | None = None) -> None:  # noqa: ARG002  # what a seat is told
        """Wake whoever waits."""
        self._rung.set()

    def hush(self) -> None:
        """Take note of it; to be called before one looks, so that nothing in between is missed."""
        self._rung.clear()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, or for so many seconds, or as long as one may rely on it."""
        try:
            await asyncio.wait_for(self._rung.wait(), min(seconds, self.patience_seconds))
        except TimeoutError:
            return


@contextmanager
def bell_of(tenant_id: UUID, run_id: UUID) -> Iterator[Bell]:
    """Give the run's bell for as long as the block lasts."""
    hub = live.find_hub()
    bell = Bell(hub)
    if hub is None:
        yield bell
        return
    seat = Seat(tenant_id, frozenset({runs.TOPIC}), frozenset({str(run_id)}), bell.ring, bell.ring)
    with hub.seats.taken(seat):
        yield bell
