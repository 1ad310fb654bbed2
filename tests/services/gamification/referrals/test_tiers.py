"""The reward of a conversion is a pure function of tiers and count."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.referrals import program_rules, tiers
from bizosaas_app.services.gamification.referrals.tiers import Tier

AMOUNTS = st.decimals(min_value=0, max_value=10_000, places=2)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Programmes of up to six tiers with rising thresholds and rewards."""
    thresholds = sorted(draw(st.sets(st.integers(0, 60), max_size=6)))
    rewards = sorted(draw(st.lists(AMOUNTS, min_size=len(thresholds), max_size=len(thresholds))))
    return tuple(
        Tier(key=f"t{number}", name=f"T {number}", threshold=threshold, reward=reward, referred_reward=draw(AMOUNTS))
        for number, (threshold, reward) in enumerate(zip(thresholds, rewards, strict=True))
    )


@settings(max_examples=200, deadline=None)
@given(ladders(), st.integers(0, 80), st.booleans())
def test_a_reward_is_that_of_the_highest_tier_reached(ladder: tuple[Tier, ...], approved: int, is_double: bool) -> None:
    reward = tiers.reward_for(ladder, approved, is_double=is_double)
    reached = [tier for tier in ladder if tier.threshold <= approved and approved > 0]
    assert reward.tier == (reached[-1] if reached else None)
    assert reward.referrer == (reached[-1].reward if reached else 0)
    assert reward.referred == (reached[-1].referred_reward if reached and is_double else 0)
    assert reward.total == reward.referrer + reward.referred
    following = tiers.next_after(ladder, approved)
    assert following is None or following.threshold > approved


@settings(max_examples=100, deadline=None)
@given(ladders(), st.integers(0, 80), st.integers(0, 80))
def test_more_approved_conversions_never_earn_less(ladder: tuple[Tier, ...], one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert tiers.reward_for(ladder, fewer).referrer <= tiers.reward_for(ladder, more).referrer


@settings(max_examples=100, deadline=None)
@given(ladders())
def test_tiers_come_back_from_a_programmes_column_to_the_last_digit(ladder: tuple[Tier, ...]) -> None:
    assert tiers.read([tier.document() for tier in reversed(ladder)]) == ladder


def terms(**changes: object) -> dict[str, object]:
    return {
        "landing_url": "https://acme.example/",
        "qualifying_event": "order.completed",
        "review_threshold": 40,
        "block_threshold": 80,
        "currency": "EUR",
        "reward_kind": "cash",
        "min_payout": Decimal(0),
        "spend_cap": None,
        "minimum_order": None,
        "points_per_approval": Decimal(100),
        "tiers": (),
        **changes,
    }


def tier(key: str = "one", threshold: int = 1, reward: str = "1.50") -> Tier:
    return Tier(key=key, name=key, threshold=threshold, reward=Decimal(reward))


WRONG = (
    ({"landing_url": "javascript:alert(1)"}, ["landing_url"]),
    ({"qualifying_event": "referral.held"}, ["qualifying_event"]),
    ({"qualifying_event": "Order Completed"}, ["qualifying_event"]),
    ({"review_threshold": 81}, ["review_threshold"]),
    ({"currency": "EUX"}, ["currency"]),
    ({"spend_cap": Decimal("-1")}, ["spend_cap"]),
    ({"minimum_order": Decimal("1.00001")}, ["minimum_order"]),
    ({"min_payout": Decimal("NaN")}, ["min_payout"]),
    ({"tiers": (tier(threshold=3), tier("two", threshold=3))}, ["tiers.1.threshold"]),
    ({"tiers": (tier(), tier(threshold=2))}, ["tiers"]),
    ({"tiers": (tier("Not A Key"),)}, ["tiers.0.key"]),
    ({"tiers": (tier(reward="1.005"),)}, ["tiers.0.reward"]),
    ({"tiers": (tier(reward="1.5"),), "currency": "JPY"}, ["tiers.0.reward"]),
    ({"tiers": tuple(tier(f"t{n}", n) for n in range(21))}, ["tiers"]),
)


@pytest.mark.parametrize(("changes", "fields"), WRONG)
def test_terms_that_contradict_themselves_name_their_fields(changes: dict[str, object], fields: list[str]) -> None:
    with pytest.raises(InputInvalid) as refused:
        program_rules.check(terms(**changes))
    assert list(refused.value.fields) == fields


def test_points_may_have_four_decimals_where_a_currency_has_two() -> None:
    program_rules.check(terms(tiers=(tier(reward="1.0005"),), reward_kind="points"))
