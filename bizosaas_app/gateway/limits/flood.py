"""The flood limit of a socket: a token bucket in this process's memory.

Sockets live in one process, so no shared store is needed, and refusing must cost next to nothing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_MOST_KEYS: Final = 20_000
"""Some 3 MB. Beyond it the key unused for longest is forgotten, and would start with a full bucket."""


class FloodGate:
    """Admits `burst` at once and `rate` a second after that, for each key."""

    def __init__(self, *, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, key: str) -> bool:
        """Take one token of the key's bucket; False when it is empty."""
        now = self._clock()
        tokens, seen_at = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - seen_at) * self._rate)
        is_admitted = tokens >= 1
        self._buckets[key] = (tokens - 1 if is_admitted else tokens, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return is_admitted
