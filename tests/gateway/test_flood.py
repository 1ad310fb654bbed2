"""The flood gate, on a clock that stands still until it is told."""

from __future__ import annotations

from bizosaas_app.gateway.limits import flood
from bizosaas_app.gateway.limits.flood import FloodGate


class Clock:
    """Seconds that pass by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def admitted(gate: FloodGate, key: str, attempts: int) -> int:
    return sum(gate.admit(key) for _ in range(attempts))


def test_a_burst_passes_and_then_only_the_rate() -> None:
    clock = Clock()
    gate = FloodGate(rate=20, burst=60, clock=clock)
    assert admitted(gate, "tab", 500) == 60
    clock.now += 0.5
    assert admitted(gate, "tab", 500) == 10
    clock.now += 3600
    assert admitted(gate, "tab", 500) == 60


def test_refused_attempts_do_not_delay_the_next_place() -> None:
    clock = Clock()
    gate = FloodGate(rate=1, burst=1, clock=clock)
    for _ in range(100):
        clock.now += 0.1
        gate.admit("tab")
    clock.now += 1
    assert gate.admit("tab")


def test_one_flooding_key_leaves_the_others_alone() -> None:
    gate = FloodGate(rate=1, burst=3, clock=Clock())
    assert admitted(gate, "flood", 1000) == 3
    assert admitted(gate, "quiet", 3) == 3


def test_memory_is_bounded_and_the_key_in_use_is_not_the_one_forgotten() -> None:
    gate = FloodGate(rate=1, burst=3, clock=Clock())
    flooded = 0
    for number in range(3 * flood._MOST_KEYS):
        gate.admit(f"tab-{number}")
        if number % 1000 == 0:
            flooded += admitted(gate, "flood", 10)
    assert len(gate._buckets) == flood._MOST_KEYS
    assert flooded == 3
