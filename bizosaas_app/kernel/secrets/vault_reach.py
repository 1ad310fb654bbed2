"""Whether Vault is asked at all: one that does not answer is left alone, so that a process waits for it once.

::

    there --- a call gets no answer ---> away (1, 2, 4, 8, 10, 10 ... seconds)
    away ---- its time is over ---> one call goes as a probe, all others are still turned away
    probe --- it is answered, well or not ---> there;  it gets no answer ---> away, twice as long

Every answer counts as one, a refusal too: what one tenant may not read keeps nobody else from asking.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

FIRST_REST_SECONDS: Final = 1.0
LONGEST_REST_SECONDS: Final = 10.0
"""Short, as whoever has no copy is told that it does not work until the next probe."""


class Reach:
    """What the calls of a process have seen of Vault; the loop and the threads that call may use it alike.

    A call takes a ticket with `enter` and hands it to whatever tells how it went. A probe that nobody tells of counts
    as lost after `probe_seconds`.
    """

    def __init__(self, probe_seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._probe_seconds = probe_seconds
        self._now = now
        self._lock = threading.Lock()
        self._generation = 0
        """Grows with every change: what a call from before a change tells no longer counts."""
        self._away_until: float | None = None
        self._rest_seconds = 0.0

    def enter(self) -> int | None:
        """Give a ticket for one call; None while Vault is left alone."""
        with self._lock:
            if self._away_until is not None:
                if self._now() < self._away_until:
                    return None
                self._away_until = self._now() + self._probe_seconds
            return self._generation

    def is_closed(self) -> bool:
        """Whether a call would get no ticket now."""
        return self.rest_seconds() > 0

    def is_current(self, ticket: int) -> bool:
        """Whether nothing has changed since the ticket was given."""
        return ticket == self._generation

    def rest_seconds(self) -> float:
        """Give the seconds until a call may go; 0 while Vault is there."""
        until = self._away_until
        return 0.0 if until is None else max(0.0, until - self._now())

    def answered(self, ticket: int) -> None:
        """Take note of an answer, whatever it says."""
        with self._lock:
            if self.is_current(ticket) and self._away_until is not None:
                self._generation += 1
                self._away_until, self._rest_seconds = None, 0.0

    def lost(self, ticket: int) -> None:
        """Take note of a call that got no connection, or no answer in time."""
        with self._lock:
            if self.is_current(ticket):
                self._generation += 1
                self._rest_seconds = min(max(FIRST_REST_SECONDS, 2 * self._rest_seconds), LONGEST_REST_SECONDS)
                self._away_until = self._now() + self._rest_seconds
