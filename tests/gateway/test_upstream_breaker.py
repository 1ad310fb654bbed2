"""The breaker, the retry budget and the places: their rules, and that no order of calls breaks them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from bizosaas_app.gateway.upstreams.breaker import LONGEST_REST_SECONDS, Breaker, Outcome
from bizosaas_app.gateway.upstreams.budget import MOST_SAVED, RetryBudget
from bizosaas_app.gateway.upstreams.bulkhead import Bulkhead


def call(breaker: Breaker, outcome: Outcome, now: float) -> bool:
    """Make one call; False when it was not admitted."""
    ticket = breaker.admit(now)
    if ticket is None:
        return False
    breaker.report(ticket, outcome, now)
    return True


def fail(breaker: Breaker, times: int, now: float = 0) -> None:
    for _ in range(times):
        call(breaker, "failed", now)


def test_five_failures_in_a_row_open_it_and_a_success_between_starts_anew() -> None:
    breaker = Breaker()
    fail(breaker, 4)
    call(breaker, "ok", 0)
    fail(breaker, 4)
    assert breaker.state(0) == "closed"
    fail(breaker, 1)
    assert (breaker.state(0), breaker.admit(4.9), breaker.rest_of(1)) == ("open", None, 4)


def mixed(breaker: Breaker, outcomes: Iterable[Outcome], every_seconds: float) -> None:
    for number, outcome in enumerate(outcomes):
        call(breaker, outcome, number * every_seconds)


def test_half_of_twenty_calls_within_ten_seconds_open_it() -> None:
    breaker = Breaker()
    mixed(breaker, ["ok", "failed"] * 9 + ["ok"], 0.1)
    assert breaker.state(2) == "closed"
    call(breaker, "failed", 2)
    assert breaker.state(2) == "open"


@pytest.mark.parametrize(
    ("outcomes", "every_seconds"),
    [(["ok", "failed"] * 50, 0.6), (["ok", "ok", "failed"] * 50, 0.01), (["unknown"] * 100, 0.01)],
)
def test_fewer_slower_or_unknown_outcomes_do_not(outcomes: list[Outcome], every_seconds: float) -> None:
    breaker = Breaker()
    mixed(breaker, outcomes, every_seconds)
    assert breaker.state(100) == "closed"


def test_each_failed_probe_doubles_the_rest_up_to_a_minute_and_a_good_one_forgets_it() -> None:
    breaker, now, rests = Breaker(), 0.0, []
    fail(breaker, 5)
    for _ in range(6):
        rests.append(breaker.rest_of(now))
        now += rests[-1]
        fail(breaker, 1, now)
    assert rests == [5, 10, 20, 40, 60, 60]
    now += 60
    assert call(breaker, "ok", now)
    assert breaker.state(now) == "closed"
    fail(breaker, 5, now)
    assert breaker.rest_of(now) == 5


def test_there_is_one_probe_at_a_time_and_one_that_tells_nothing_gives_way_to_the_next() -> None:
    breaker = Breaker()
    fail(breaker, 5)
    probe = breaker.admit(5)
    assert probe is not None
    assert (breaker.admit(5), breaker.state(5)) == (None, "half_open")
    breaker.report(probe, "unknown", 6)
    assert breaker.state(6) == "half_open"
    assert call(breaker, "ok", 6)
    assert breaker.state(6) == "closed"


def test_calls_from_before_it_opened_are_no_probes() -> None:
    breaker = Breaker()
    old = breaker.admit(0)
    assert old is not None
    fail(breaker, 5)
    breaker.report(old, "ok", 5)
    assert breaker.state(5) == "half_open"
    probe = breaker.admit(5)
    assert probe is not None
    breaker.report(old, "failed", 5)
    breaker.report(probe, "ok", 5)
    assert breaker.state(5) == "closed"


class Calls(RuleBasedStateMachine):
    """Any order of calls that begin, end and overlap while time goes on."""

    tickets = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = 0.0
        self.probes = 0

    @rule(target=tickets)
    def begin(self) -> tuple[int | None, bool]:
        was = self.breaker.state(self.now)
        ticket = self.breaker.admit(self.now)
        assert was != "open" or ticket is None
        assert was != "closed" or ticket is not None
        is_probe = was == "half_open" and ticket is not None
        self.probes += is_probe
        return ticket, is_probe

    @rule(item=consumes(tickets), outcome=st.sampled_from(["ok", "failed", "unknown"]))
    def end(self, item: tuple[int | None, bool], outcome: Outcome) -> None:
        ticket, is_probe = item
        if ticket is None:
            return
        self.breaker.report(ticket, outcome, self.now)
        if is_probe:
            self.probes -= 1
            assert self.breaker.state(self.now) == {"ok": "closed", "failed": "open", "unknown": "half_open"}[outcome]

    @rule(seconds=st.sampled_from([0.1, 1, 5, 11, 70]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def never_more_than_one_probe(self) -> None:
        assert self.probes <= 1

    @invariant()
    def the_rest_is_bounded(self) -> None:
        assert 0 <= self.breaker.rest_of(self.now) <= LONGEST_REST_SECONDS

    def teardown(self) -> None:
        """However it went, with nothing under way it recovers."""
        if self.probes == 0:
            self.now += LONGEST_REST_SECONDS
            assert call(self.breaker, "ok", self.now)
            assert self.breaker.state(self.now) == "closed"


TestCalls = Calls.TestCase


@given(st.lists(st.booleans(), max_size=400))
def test_retries_stay_a_tenth_of_all_calls_and_one(wishes: list[bool]) -> None:
    budget, retries = RetryBudget(), 0
    for number, is_wished in enumerate(wishes, start=1):
        budget.earn()
        retries += is_wished and budget.spend()
        assert retries <= 1 + number / 10 + 1e-6


def test_a_quiet_day_saves_up_no_storm() -> None:
    budget = RetryBudget()
    for _ in range(10_000):
        budget.earn()
    assert sum(budget.spend() for _ in range(100)) == MOST_SAVED


@given(st.integers(2, 20), st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=200))
def test_places_are_never_more_than_there_are_and_half_of_them_for_one(
    at_once: int, steps: list[tuple[str, bool]]
) -> None:
    bulkhead, inside = Bulkhead(at_once), dict.fromkeys("abc", 0)
    for tenant, enters in steps:
        if enters:
            is_free = sum(inside.values()) < at_once and inside[tenant] < at_once // 2
            assert bulkhead.enter(tenant) == is_free
            inside[tenant] += is_free
        elif inside[tenant]:
            bulkhead.leave(tenant)
            inside[tenant] -= 1
