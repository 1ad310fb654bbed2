"""Places for downloads that are made while they are sent: each holds memory for as long as its reader takes."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.errors import LimitReached

AT_ONCE: Final = 8
"""Downloads of one process; each holds a part in memory."""
OF_TENANT: Final = 4
"""Half of them, so that slow readers of one tenant do not take the places of all."""
OF_ONE: Final = 2
"""Downloads of one person."""
LONGEST_SECONDS: Final = 1800.0
"""How long one may be sent: so slowly reads nobody who means to have it."""
_RETRY_SECONDS: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A place that is taken until it is given back; one whose time is over does not count any more."""

    tenant_id: UUID
    user_id: UUID
    ends_at: float = field(default_factory=lambda: time.monotonic() + LONGEST_SECONDS)

    @property
    def seconds_left(self) -> float:
        """How long it is still one's own."""
        return self.ends_at - time.monotonic()


_taken: Final[set[Place]] = set()


def take(tenant_id: UUID, user_id: UUID) -> Place:
    """Take a place, to be given back by `leave`; raises `LimitReached` while too many are taken."""
    _taken.difference_update([place for place in _taken if place.seconds_left <= 0])
    of_tenant = [place for place in _taken if place.tenant_id == tenant_id]
    of_one = [place for place in of_tenant if place.user_id == user_id]
    if len(of_one) >= OF_ONE or len(of_tenant) >= OF_TENANT or len(_taken) >= AT_ONCE:
        raise LimitReached("Too many exports are being downloaded", resets_in_seconds=_RETRY_SECONDS)
    place = Place(tenant_id, user_id)
    _taken.add(place)
    return place


def leave(place: Place) -> None:
    """Give a place back; a second time changes nothing."""
    _taken.discard(place)


class Download:
    """The pieces of a download, and its place, which is given back at the end of them or by `aclose`.

    Whoever sends it closes it: pieces that were never begun would not end by themselves.
    """

    def __init__(self, pieces: AsyncGenerator[bytes, None], place: Place) -> None:
        self._pieces = pieces
        self._place = place

    def __aiter__(self) -> Download:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._pieces)
        except BaseException:  # its end, too
            leave(self._place)
            raise

    @property
    def seconds_left(self) -> float:
        """How long it may still be sent."""
        return self._place.seconds_left

    async def aclose(self) -> None:
        """Give the place back, whether or not everything was sent."""
        leave(self._place)
        await self._pieces.aclose()
