"""Tier thresholds that fit the referrers, and the cost of a year under them; figures computed by hand."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from agents import tier_replay
from bizosaas_app.gateway.contracts.referral_programs import TierView


def tier(key: str, threshold: int, reward: str) -> TierView:
    return TierView(key=key, name=key.title(), threshold=threshold, reward=reward, referred_reward="0.00")


TIERS = [tier("bronze", 1, "10.00"), tier("silver", 5, "15.00"), tier("gold", 15, "25.00")]


def test_each_approval_earns_the_tier_that_it_reaches() -> None:
    few, many = uuid4(), uuid4()
    earned = tier_replay.replay(TIERS, [1, 5, 15], {few: 4, many: 16})
    # 4 at 10; 4 at 10, 10 (the fifth to the fourteenth) at 15, 2 at 25
    assert earned == {few: Decimal(40), many: Decimal(40 + 150 + 50)}


def test_below_the_first_threshold_nothing_is_earned() -> None:
    who = uuid4()
    assert tier_replay.replay([tier("only", 3, "10.00")], [3], {who: 4}) == {who: Decimal(20)}


def test_few_referrers_suggest_nothing() -> None:
    assert tier_replay.suggest(TIERS, [1, 2, 3, 4]) == [1, 5, 15]


def test_thresholds_follow_the_referrers_quantiles() -> None:
    # Ten referrers with one to ten approvals: half are at most at five, four fifths at most at eight.
    assert tier_replay.suggest(TIERS, range(1, 11)) == [1, 5, 8]


def test_thresholds_rise_even_where_all_referrers_are_alike() -> None:
    assert tier_replay.suggest(TIERS, [1] * 20) == [1, 2, 3]


@given(st.lists(st.integers(1, 200), max_size=60))
def test_suggested_thresholds_always_rise_and_keep_the_first(approvals: list[int]) -> None:
    wanted = tier_replay.suggest(TIERS, approvals)
    assert wanted[0] == 1
    assert wanted == sorted(set(wanted))


@given(st.dictionaries(st.uuids(), st.integers(1, 100), max_size=20))
def test_lower_thresholds_never_cost_less(approvals: dict[UUID, int]) -> None:
    now = sum(tier_replay.replay(TIERS, [1, 5, 15], approvals).values())
    assert sum(tier_replay.replay(TIERS, [1, 3, 9], approvals).values()) >= now
