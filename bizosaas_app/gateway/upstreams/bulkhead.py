"""How many calls an upstream has at once, in all and of one tenant. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable


class Bulkhead:
    """Keeps one slow upstream from taking all of a worker, and one tenant from taking all of an upstream."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._of_one = max(1, at_once // 2)
        self._inside: Counter[Hashable] = Counter()

    def enter(self, tenant: Hashable) -> bool:
        """Take a place; False when there is none. Half of all is the most for one tenant."""
        if self._inside.total() >= self._at_once or self._inside[tenant] >= self._of_one:
            return False
        self._inside[tenant] += 1
        return True

    def leave(self, tenant: Hashable) -> None:
        """Give the place back."""
        self._inside[tenant] -= 1
        if self._inside[tenant] <= 0:
            del self._inside[tenant]
