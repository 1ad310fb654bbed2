"""Scores do not depend on the order of events."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.gamification.tallies import Fold, Tally, merge

FOLDS: tuple[Fold, ...] = ("add", "highest", "lowest", "latest")
START = datetime(2026, 1, 1, tzinfo=UTC)

tallies = st.builds(
    Tally,
    st.integers(-5, 5).map(Decimal),
    st.integers(0, 5).map(lambda days: START + timedelta(days=days)),
    st.just(1),
)


@pytest.mark.parametrize("fold", FOLDS)
@given(parts=st.lists(tallies, min_size=1, max_size=6), order=st.randoms(use_true_random=False))
def test_any_order_and_grouping_gives_the_same_tally(fold: Fold, parts: list[Tally], order: object) -> None:
    shuffled = list(parts)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    forward = functools.reduce(functools.partial(merge, fold), parts)
    backward = functools.reduce(lambda whole, part: merge(fold, part, whole), reversed(shuffled))
    assert forward == backward
    assert forward.events == len(parts)


def test_a_record_was_reached_when_it_was_first_set() -> None:
    early, late = (Tally(Decimal(9), START + timedelta(days=day), 1) for day in (1, 2))
    assert merge("highest", late, early).reached_at == early.reached_at
    assert merge("add", late, early).reached_at == late.reached_at


def test_the_best_of_an_ascending_board_is_the_lowest() -> None:
    slow, fast = (Tally(Decimal(seconds), START, 1) for seconds in (90, 60))
    assert merge("lowest", slow, fast).score == 60
    assert merge("highest", slow, fast).score == 90
