"""A circuit breaker: an upstream that fails is left alone for a while, so that it can recover and nobody waits. Pure.

::

    closed --- 5 failures in a row, or half of at least 20 calls in 10 s ---> open (5, 10, 20 ... 60 s)
    open ------ its time is over ---> half open: one probe, everybody else is still refused
    half open - the probe goes well ---> closed;  it fails ---> open, twice as long

Each worker has its own: what one sees is true for its own connections, and no store has to be asked.

Failures may be of one caller only, who asks what the upstream cannot bear. A breaker that stands before all callers
therefore opens only when they are of several, or when nobody gets a connection at all.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable
from typing import Final, Literal

IN_A_ROW: Final = 5
LEAST_CALLS: Final = 20
FAILED_SHARE: Final = 0.5
WINDOW_SECONDS: Final = 10.0
FIRST_REST_SECONDS: Final = 5.0
LONGEST_REST_SECONDS: Final = 60.0
LEAST_OF_OTHERS: Final = 2
"""So many failures must be of others than the caller with the most."""

State = Literal["closed", "half_open", "open"]
Outcome = Literal["ok", "failed", "unknown"]
"""`unknown`: the call tells nothing of the upstream, as when the client left."""


class Breaker:
    """The breaker of one upstream. Times are seconds of a clock that never goes back."""

    def __init__(self, *, is_of_many: bool = False) -> None:
        self._is_of_many = is_of_many
        """Whether it stands before callers who must not take the upstream from each other."""
        self._generation = 0
        """Grows with every change of state: what a call from before a change reports no longer counts."""
        self._opens_at: float | None = None
        """When the rest ends; None while closed."""
        self._rest_seconds = 0.0
        self._is_probing = False
        self._in_a_row: Counter[Hashable] = Counter()
        """The failures since the last success, by caller; None where no connection was had."""
        self._calls: deque[tuple[float, bool, Hashable]] = deque()

    def state(self, now: float) -> State:
        """Say how it stands."""
        if self._opens_at is None:
            return "closed"
        return "open" if now < self._opens_at else "half_open"

    def admit(self, now: float) -> int | None:
        """Give a ticket for one call, to be handed back with `report`; None while the upstream is left alone."""
        if self._opens_at is None:
            return self._generation
        if now < self._opens_at or self._is_probing:
            return None
        self._is_probing = True
        return self._generation

    def rest_of(self, now: float) -> float:
        """Give the seconds until the next call may be admitted."""
        return max(0.0, (self._opens_at or now) - now)

    def report(self, ticket: int, outcome: Outcome, now: float, caller: Hashable = None) -> None:
        """Take note of how an admitted call went; `caller` is None where its failure can be nobody's own."""
        if ticket != self._generation:
            return
        if self._opens_at is not None:
            self._judge_probe(outcome, now)
        elif outcome != "unknown":
            self._count(outcome == "failed", now, caller)

    def _judge_probe(self, outcome: Outcome, now: float) -> None:
        self._is_probing = False
        if outcome == "ok":
            self._change(None)
            self._rest_seconds = 0.0
        elif outcome == "failed":
            self._open(now)

    def _count(self, has_failed: bool, now: float, caller: Hashable) -> None:
        self._calls.append((now, has_failed, caller))
        while self._calls[0][0] <= now - WINDOW_SECONDS:
            self._calls.popleft()
        if not has_failed:
            self._in_a_row.clear()
            return
        self._in_a_row[caller] += 1
        failed = Counter(item[2] for item in self._calls if item[1])
        is_half = len(self._calls) >= LEAST_CALLS and failed.total() >= FAILED_SHARE * len(self._calls)
        is_row = self._in_a_row.total() >= IN_A_ROW
        if (is_row and self._is_common(self._in_a_row)) or (is_half and self._is_common(failed)):
            self._open(now)

    def _is_common(self, failures: Counter[Hashable]) -> bool:
        """Say whether the failures tell of the upstream itself."""
        if not self._is_of_many or None in failures:
            return True
        return failures.total() - max(failures.values()) >= LEAST_OF_OTHERS

    def _open(self, now: float) -> None:
        self._rest_seconds = min(max(FIRST_REST_SECONDS, 2 * self._rest_seconds), LONGEST_REST_SECONDS)
        self._change(now + self._rest_seconds)

    def _change(self, opens_at: float | None) -> None:
        self._generation += 1
        self._opens_at, self._is_probing = opens_at, False
        self._in_a_row.clear()
        self._calls.clear()
