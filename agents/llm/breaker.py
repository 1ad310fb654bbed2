"""The breaker: a model that has failed several times running is not asked for a while. Safe to use from any thread.

Else each run would wait out a dead provider's time-out before the next model of the chain takes over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FAILURES: Final = 3
"""Running, after which a model is left alone."""
REST_SECONDS: Final = 30.0


@dataclass(slots=True)
class _State:
    failures: int = 0
    rests_until: float = 0.0


class Breaker:
    """Remembers, per model, how often it has failed running; one for a process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def rests(self, model: str) -> bool:
        """Whether the model is to be left alone now; after its rest one more failure sends it back."""
        with self._lock:
            state = self._states.get(model)
            return state is not None and state.rests_until > self._clock()

    def failed(self, model: str) -> None:
        """Count a failure."""
        with self._lock:
            state = self._states.setdefault(model, _State())
            state.failures += 1
            if state.failures >= FAILURES:
                state.rests_until = self._clock() + REST_SECONDS

    def answered(self, model: str) -> None:
        """Forget the failures of a model that has answered."""
        with self._lock:
            self._states.pop(model, None)
