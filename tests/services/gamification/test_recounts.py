"""Scores that need a look at all of a member's events: values that differ, runs of days, and caps."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification import projector, recounts
from bizosaas_app.services.gamification.caps import Caps
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.tallies import Tally

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MEMBER = UUID(int=1)
SUM = {"event": "*", "aggregate": "sum"}


def board(metric: dict[str, Any], *, operator: str = "incr", zone: str = "UTC", **columns: Any) -> Board:
    fields = {"sort": "desc", "tie_rule": "standard", "default_window": "all", "visibility": None, **columns}
    return Board(
        tenant_id=UUID(int=0), id=UUID(int=2), key="k", title="K", metric=metric, operator=operator, timezone=zone,
        version="1", **fields,
    )  # fmt: skip


def fact(value: Any = 1, hours: float = 0, **properties: Any) -> LedgerFact:
    number = None if value is None else Decimal(str(value))
    return LedgerFact(uuid4(), MEMBER, "task.completed", number, properties, NOON + timedelta(hours=hours))


def score(of: Board, *facts: LedgerFact, period: str = "all") -> Tally | None:
    return recounts.tally_member(of, facts).get(period)


def test_distinct_counts_the_values_that_differ() -> None:
    shops = board({"event": "*", "aggregate": "distinct", "field": "shop"})
    found = score(shops, *(fact(shop=shop) for shop in ("a", "b", "a", 1, 1.0, True, "1", None, [1], [1])), fact())
    assert found is not None
    assert found.score == 6  # a, b, 1, true, "1", [1]


def test_distinct_is_reached_when_the_last_new_value_came() -> None:
    shops = board({"event": "*", "aggregate": "distinct", "field": "shop"})
    found = score(shops, fact(shop="b", hours=3), fact(shop="a"), fact(shop="a", hours=9), fact(shop="b", hours=5))
    assert found == Tally(Decimal(2), NOON + timedelta(hours=3), 4)


def test_a_streak_is_the_longest_run_of_days_in_the_tenants_zone() -> None:
    days = board({"event": "*", "aggregate": "streak"}, zone="Asia/Kolkata")
    # In Kolkata 12:00 UTC is 17:30 and 19:00 UTC the next day's 00:30.
    found = score(days, fact(), fact(hours=7), fact(hours=31), fact(hours=24 * 5), fact(hours=24 * 6))
    assert found == Tally(Decimal(3), NOON + timedelta(hours=31), 5)


def test_of_two_runs_as_long_the_earlier_one_was_reached_first() -> None:
    days = board({"event": "*", "aggregate": "streak"})
    found = score(days, *(fact(hours=24 * day) for day in (0, 1, 5, 6)))
    assert found == Tally(Decimal(2), NOON + timedelta(hours=24), 4)


def test_a_streak_ends_with_its_period() -> None:
    days = board({"event": "*", "aggregate": "streak"})
    facts = [fact(hours=24 * day) for day in range(8)]  # Wednesday the 25th to the 2nd of December
    tallies = recounts.tally_member(days, facts)
    found = {period: int(tally.score) for period, tally in tallies.items() if len(period) < len("2026-11-25")}
    assert found == {"all": 8, "2026-11": 6, "2026-12": 2, "2026-W48": 5, "2026-W49": 3}


def test_a_change_larger_than_the_cap_does_not_count() -> None:
    capped = board(SUM, caps={"largest_change": 10})
    assert score(capped, fact(10), fact(-10), fact("10.0001"), fact(3)) == Tally(Decimal(3), NOON, 3)


@pytest.mark.parametrize(("operator", "sort", "left"), [("best", "desc", 65), ("best", "asc", 40), ("set", "desc", 65)])
def test_a_record_may_not_jump_by_more_than_the_cap(operator: str, sort: str, left: int) -> None:
    """From 60: 40 is 20 away, 500 is too far from every score, 65 is near; the first score is free."""
    capped = board(SUM, operator=operator, sort=sort, caps={"largest_change": 30})
    found = score(capped, fact(60), fact(40, 1), fact(500, 2), fact(65, 3))
    assert found is not None
    assert found.score == left


def test_what_a_cap_has_refused_counts_in_no_window() -> None:
    """On the second day the jump would be the first score of that day; it is judged against all time."""
    capped = board(SUM, operator="best", caps={"largest_change": 30})
    tallies = recounts.tally_member(capped, [fact(60), fact(500, 24)])
    assert set(tallies) == {"all", "2026-11", "2026-W48", "2026-11-25"}


def test_events_closer_than_the_interval_to_the_last_counted_one_do_not_count() -> None:
    capped = board(SUM, caps={"smallest_interval_seconds": 3600})
    found = score(capped, fact(1), fact(2, 0.5), fact(4, 0.99), fact(8, 1), fact(16, 1.5), fact(32, 2.5))
    assert found == Tally(Decimal(41), NOON + timedelta(hours=2.5), 3)


FACTS = st.lists(
    st.builds(
        fact,
        st.sampled_from([None, -2, 0, 1, 3, "2.5", 40]),
        st.integers(0, 240).map(lambda quarter: quarter / 2),
        shop=st.sampled_from(["a", "b", 1, None]),
    ),
    max_size=14,
)
RULES = st.sampled_from(
    [
        board({"event": "*", "aggregate": "distinct", "field": "shop"}),
        board({"event": "*", "aggregate": "streak"}, zone="America/New_York"),
        board(SUM, caps={"smallest_interval_seconds": 7200}),
        board(SUM, operator="best", caps={"largest_change": 5}),
        board(SUM, operator="set", caps={"largest_change": 5, "smallest_interval_seconds": 7200}),
        board({"event": "*", "aggregate": "streak"}, caps={"smallest_interval_seconds": 90_000}),
        board(SUM, operator="decr", caps={"largest_change": 5}, resets="0 9 * * *"),
    ]
)


@settings(max_examples=120, deadline=None)
@given(facts=FACTS, rule=RULES, seed=st.integers(0, 1000))
def test_the_order_in_which_events_are_told_changes_nothing(facts: list[LedgerFact], rule: Board, seed: int) -> None:
    shuffled = list(facts)
    random.Random(seed).shuffle(shuffled)
    assert recounts.tally_member(rule, shuffled) == recounts.tally_member(rule, facts)


@settings(max_examples=120, deadline=None)
@given(
    facts=FACTS,
    operator=st.sampled_from(["incr", "decr", "best", "set"]),
    aggregate=st.sampled_from(["sum", "count", "max"]),
)
def test_a_plain_fold_counted_at_once_is_what_it_grows_to(
    facts: list[LedgerFact], operator: str, aggregate: str
) -> None:
    plain = board({"event": "*", "aggregate": aggregate}, operator=operator)
    grown = projector.tally_all([plain], facts)
    counted = recounts.tally_member(plain, facts)
    assert {Place(plain.id, period, MEMBER): tally for period, tally in counted.items()} == grown


@pytest.mark.parametrize(
    ("caps", "name"),
    [
        ({"largest_change": 0}, "caps.largest_change"),
        ({"largest_change": "5"}, "caps.largest_change"),
        ({"largest_change": True}, "caps.largest_change"),
        ({"largest_change": float("inf")}, "caps.largest_change"),
        ({"smallest_interval_seconds": -1}, "caps.smallest_interval_seconds"),
        ({"smallest_interval_seconds": 10**9}, "caps.smallest_interval_seconds"),
        ({"most": 1}, "caps.most"),
    ],
)
def test_a_cap_that_cannot_be_kept_names_its_field(caps: dict[str, Any], name: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        Caps.parse(caps)
    assert list(refused.value.fields) == [name]
