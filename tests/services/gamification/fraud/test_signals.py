"""Each signal by itself, and how they are combined: pure functions over features."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.services.gamification.fraud import combining, scoring
from bizosaas_app.services.gamification.fraud.features import Features
from bizosaas_app.services.gamification.fraud.signals import SIGNALS
from bizosaas_app.services.gamification.fraud.verdicts import Thresholds, Verdict

THRESHOLDS = Thresholds(40, 80)
BASE = {
    "base_accounts": 9,
    "base_addresses": 6,
    "base_devices": 9,
    "base_span_days": 12.0,
    "base_share": 1.0,
    "usual": 40,
}
RHYTHM = {"recent": 15, "gap_mean_seconds": 600.0, "gap_variation": 0.02, "device_variety": 1.0, "network_variety": 0.1}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "email_like_referrer": ({"likeness": "inbox"}, {"likeness": "none"}),
    "email_repeated": ({"inbox_uses": 1}, {"inbox_uses": 1, "inbox_spellings": 1}),
    "email_respelled": ({"inbox_uses": 1, "inbox_spellings": 1}, {"inbox_uses": 1}),
    "email_series": (
        {"stem_accounts": 4, "stem_share": 0.8, "usual": 30},
        {"stem_accounts": 4, "stem_share": 0.8, "usual": 30, "stem_usual": 0.3},
    ),
    "email_disposable": ({"is_disposable": True}, {}),
    "email_role": ({"is_role": True}, {}),
    "email_random": ({"is_random": True}, {}),
    "device_of_referrer": ({"is_own_device": True}, {}),
    "device_reused": ({"device_accounts": 1}, {"device_accounts": 2, "device_cleared": 1}),
    "device_confirmed": ({"device_confirmed": 1}, {}),
    "payment_of_referrer": ({"is_own_payment": True}, {}),
    "payment_reused": ({"payment_accounts": 3}, {"payment_accounts": 2, "payment_cleared": 1}),
    "payment_confirmed": ({"payment_confirmed": 1}, {}),
    "member_referred": ({"member_by": ("email",)}, {}),
    "ring_closed": ({"ring": 3}, {}),
    "agent_automation": ({"agent_kind": "automation", "agent_why": "it calls itself curl"}, {}),
    "agent_impossible": ({"agent_kind": "inconsistent", "agent_why": "no"}, {}),
    "agent_missing": ({"agent_kind": "empty"}, {}),
    "address_data_centre": ({"centre": "Hetzner"}, {}),
    "address_of_referrer": ({"is_own_address": True}, {"is_own_address": True, "network_cleared": 1}),
    "click_too_fast": ({"click_seconds": 1.5}, {"click_seconds": 40.0}),
    "clicks_all_swift": ({"click_seconds": 20.0, "swift_share": 0.9}, {"click_seconds": 90.0, "swift_share": 0.9}),
    "spacing_regular": (RHYTHM, {**RHYTHM, "gap_mean_seconds": 0.02}),
    "value_just_enough": ({"order_value": 20.5, "minimum_order": 20.0}, {"order_value": 40.0, "minimum_order": 20.0}),
    "value_repeated": (
        {"same_value": 8, "recent": 10, "usual": 40},
        {"same_value": 8, "recent": 10, "usual": 40, "value_usual": 0.5},
    ),
    "base_narrow": (BASE, {**BASE, "base_share": 0.2}),
    "history_undone": ({"reversed": 3, "recent": 6}, {"reversed": 1, "recent": 6}),
    "history_nearby": (
        {"evident_nearby": 3, "nearby": 4, "base_share": 1.0},
        {"evident_nearby": 3, "nearby": 4, "base_share": 0.1},
    ),
    "history_evident": ({"evident": 5, "recent": 6}, {"evident": 5, "recent": 20}),
    "referrer_new": ({"referrer_age_days": 0.2}, {"referrer_age_days": -5.0}),
    "network_reputation": ({"network_tenants": 1, "network_confirmed": 1, "network_kinds": ("device",)}, {}),
}
"""For each signal, features on which it fires and features close by on which it does not."""


def judged(**values: Any) -> Verdict:
    return scoring.judge(Features(**values), THRESHOLDS)


def codes(**values: Any) -> set[str]:
    return {reason.code for reason in judged(**values).reasons}


def test_every_signal_has_a_case() -> None:
    assert set(CASES) == {signal.code for signal in SIGNALS}
    assert len({signal.code for signal in SIGNALS}) == len(SIGNALS)


@pytest.mark.parametrize("code", list(CASES))
def test_a_signal_fires_on_its_finding_and_is_silent_beside_it(code: str) -> None:
    finding, silence = CASES[code]
    assert code in codes(**finding)
    assert code not in codes(**silence)
    (reason,) = [reason for reason in judged(**finding).reasons if reason.code == code]
    assert 0 < reason.weight <= 97
    assert len(reason.detail) > 15


def test_an_attempt_without_any_finding_scores_nothing() -> None:
    verdict = judged()
    assert (verdict.score, verdict.decision, verdict.reasons) == (0, "allow", ())


WEAK = ("email_role", "email_random", "address_data_centre", "address_of_referrer", "agent_missing", "agent_impossible",
        "value_just_enough", "value_repeated", "email_disposable", "email_series", "email_repeated", "referrer_new",
        "history_evident", "clicks_all_swift", "spacing_regular")  # fmt: skip


@pytest.mark.parametrize("code", WEAK)
def test_a_weak_signal_alone_never_holds(code: str) -> None:
    diverse = {"network_variety": 1.0} if code == "spacing_regular" else {}
    assert judged(**{**CASES[code][0], **diverse}).decision == "allow"


def test_weak_signs_of_different_kinds_add_up() -> None:
    together: dict[str, Any] = {}
    for code in ("email_disposable", "address_data_centre", "agent_missing"):
        together |= CASES[code][0]
    assert judged(**together).decision == "review"


def test_strong_findings_that_are_independent_block() -> None:
    assert judged(device_accounts=2, payment_accounts=5).decision == "block"
    assert judged(is_own_payment=True).decision == "review"
    assert judged(is_own_payment=True, is_own_device=True).decision == "block"


def test_findings_of_one_family_count_less_than_of_two() -> None:
    same = judged(likeness="near", is_disposable=True).score
    apart = judged(likeness="near", agent_kind="inconsistent").score
    assert same < 22 + 32
    assert apart > 22


def test_a_second_account_on_a_device_holds_and_further_ones_block() -> None:
    decisions = [judged(device_accounts=count).decision for count in (0, 1, 2, 3, 4)]
    assert decisions == ["allow", "review", "review", "block", "block"]


def test_a_phone_that_moves_on_after_weeks_passes() -> None:
    assert judged(device_accounts=1, device_idle_days=60.0).decision == "allow"
    assert judged(device_accounts=2, device_idle_days=60.0).decision == "review"


def test_a_card_serves_a_household_of_five_and_three_strangers() -> None:
    family = [judged(payment_accounts=count, payment_is_family=True).decision for count in range(6)]
    assert family == ["allow"] * 5 + ["review"]
    strangers = [judged(payment_accounts=count).decision for count in range(5)]
    assert strangers == ["allow"] * 3 + ["review"] * 2


def test_a_relative_may_use_the_referrers_card_and_a_stranger_may_not() -> None:
    assert judged(is_own_payment=True, shares_surname=True).decision == "allow"
    assert judged(is_own_payment=True, shares_surname=True, payment_accounts=3).decision == "review"


def test_a_regular_rhythm_from_many_places_is_no_evidence_by_itself() -> None:
    places = {**RHYTHM, "network_variety": 1.0}
    assert judged(**{**places, "gap_mean_seconds": 5400.0}).decision == "allow"
    assert judged(**{**RHYTHM, "gap_mean_seconds": 5400.0}).decision == "review"
    assert judged(**{**places, "gap_mean_seconds": 20.0}).decision == "review"
    assert judged(**{**places, "gap_mean_seconds": 1.0}).decision == "allow"


def test_what_other_tenants_say_holds_but_never_rejects() -> None:
    heard: dict[str, Any] = {
        "network_tenants": 9,
        "network_confirmed": 9,
        "network_kinds": ("device", "email", "payment"),
    }
    assert judged(**heard).decision == "review"
    nearly = {"is_own_payment": True, "agent_kind": "inconsistent", "is_disposable": True}
    assert judged(**nearly).score < 80
    assert judged(**nearly, **heard).decision == "review"
    assert judged(**nearly, **heard).score == 79
    assert judged(is_own_device=True, **heard).decision == "block"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(set(CASES) - {"network_reputation"})), max_size=6, unique=True),
    st.integers(1, 9),
    st.integers(0, 9),
    st.integers(1, 101),
)
def test_whatever_else_is_found_the_network_never_makes_a_block(
    found: list[str], tenants: int, confirmed: int, block: int
) -> None:
    thresholds = Thresholds(min(40, block), block)
    values: dict[str, Any] = {}
    for code in found:
        values |= CASES[code][0]
    alone = combining.combine(Features(**values), thresholds)
    heard = Features(**values, network_tenants=tenants, network_confirmed=confirmed, network_kinds=("device",))
    with_network = combining.combine(heard, thresholds)
    assert with_network.score >= alone.score
    assert with_network.evidence == alone.evidence
    assert (with_network.decision == "block") == (alone.decision == "block")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(sorted(CASES)), max_size=8, unique=True))
def test_a_stored_decision_replays_to_the_same_through_json(found: list[str]) -> None:
    values: dict[str, Any] = {}
    for code in found:
        values |= CASES[code][0]
    verdict = judged(**values)
    again = scoring.replay(json.loads(json.dumps(verdict.inputs)))
    assert again == replace(verdict, inputs=again.inputs)
    assert 0 <= verdict.score <= 100


def test_a_decision_can_be_replayed_by_other_thresholds() -> None:
    verdict = judged(is_own_payment=True)
    assert scoring.replay(verdict.inputs, Thresholds(70, 101)).decision == "allow"
    assert scoring.replay(verdict.inputs, Thresholds(30, 60)).decision == "block"
