"""Attempts: pauses that grow up to a bound and are spread, tries that end, and claims that run out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bizosaas_app.services.jobs.attempts import Attempts

RULES = Attempts(tries=8, lease=timedelta(minutes=2), first_wait=timedelta(seconds=30))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 30), (2, 60), (5, 480), (8, 3600), (20, 3600)])
def test_pauses_grow_up_to_a_bound_and_are_spread(attempt: int, seconds: int) -> None:
    assert RULES.wait_after(attempt, 0) == timedelta(seconds=seconds)
    assert RULES.wait_after(attempt, 1) == timedelta(seconds=seconds * 1.25)


def test_tries_end() -> None:
    assert [RULES.are_used_up(attempts) for attempts in (7, 8, 9)] == [False, True, True]
    assert RULES.given_up == "Given up after 8 tries"


def test_a_claim_holds_for_its_lease() -> None:
    assert RULES.dead_before(NOW) == NOW - timedelta(minutes=2)
