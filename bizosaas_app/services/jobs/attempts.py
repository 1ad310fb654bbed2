"""Attempts: how often something is tried, for how long a claim of it holds, and the pauses in between. Pure.

A claim is committed before anything leaves the house. One that is older than the lease was made by a process that
died: somebody else may claim anew then. What is tried too often is given up at its claim, not only after a failure: it
may be what ends the processes that try it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SPREAD: Final = 0.25
"""Part of a pause that comes on top by chance, so that what failed together does not come back together."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The rules for one kind of work."""

    tries: int
    lease: timedelta
    first_wait: timedelta
    """After the first try; `growth` times as long after each further one, up to `longest_wait`."""
    growth: float = 2.0
    longest_wait: timedelta = timedelta(hours=1)

    def are_used_up(self, attempts: int) -> bool:
        """Say whether this was the last try."""
        return attempts >= self.tries

    @property
    def given_up(self) -> str:
        """Why something is not tried any more, in words."""
        return f"Given up after {self.tries} tries"

    def dead_before(self, now: datetime) -> datetime:
        """Give the moment before which whoever has claimed something has died."""
        return now - self.lease

    def wait_after(self, attempt: int, chance: float) -> timedelta:
        """Give the pause after so many tries; `chance` from 0 to 1 makes it up to a quarter longer."""
        return min(self.first_wait * self.growth ** (attempt - 1), self.longest_wait) * (1 + _SPREAD * chance)
