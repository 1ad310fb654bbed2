"""How a case of the review desk reads: sentences, what a decision does, the dial and the drawing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView
from bizosaas_app.gateway.contracts.review_desk import CaseView, QueueItemView
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.fraud.signals import SIGNALS
from bizosaas_app.services.gamification.referrals import accounts, telling
from state import fraud_drawing, fraud_thresholds, fraud_view, fraud_words
from state.fraud_desk import FraudDeskState
from state.fraud_rows import NO_CASE, CaseRow

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
EUROS = {"amount": "12.00", "currency": "EUR"}


def history(**counts: int) -> dict[str, Any]:
    return {"approved": 0, "waiting": 0, "rejected": 0, "reversed": 0, "latest": [], **counts}


def case(**changes: Any) -> CaseView:
    """Give a case that waits, with a device that the referrer and others used."""
    document: dict[str, Any] = {
        "id": uuid4(),
        "external_id": "order-1",
        "program": "Friends",
        "status": "pending_review",
        "is_decidable": True,
        "fraud": {
            "score": 71,
            "decision": "review",
            "reasons": [
                {"code": "referrer_new", "weight": 4, "detail": "Joined today"},
                {"code": "device_of_referrer", "weight": 70, "detail": "The order came from a device of the referrer"},
            ],
            "model_version": "rules-1",
        },
        "review_threshold": 40,
        "block_threshold": 80,
        "leans_to_fraud": True,
        "order_value": EUROS,
        "referred_email": "anna@mail.example",
        "referrer": {"id": uuid4(), "name": "Mia Berg", "email": "mia@acme.example", "joined_at": NOW},
        "referred": None,
        "occurred_at": NOW,
        "created_at": NOW,
        "connections": {
            "parties": [
                {"key": "referrer", "role": "referrer", "label": "Mia Berg", "by": None},
                {"key": "referred", "role": "referred", "label": "anna@mail.example", "by": None},
                {"key": "1", "role": "account", "label": "a.very.long.address@mail.example", "by": "Noah"},
                {"key": "2", "role": "member", "label": "Olga", "by": None},
            ],
            "things": [
                {"kind": "inbox", "parties": ["referred"], "accounts": 0, "rejected": 0, "approved": 0},
                {
                    "kind": "device",
                    "parties": ["referred", "1", "2", "referrer"],
                    "accounts": 5,
                    "rejected": 2,
                    "approved": 1,
                },
            ],
            "more": 3,
        },
        "referrer_history": history(approved=2),
        "referred_history": history(),
        "steps": [
            {"step": "clicked", "at": NOW - timedelta(minutes=4), "repeats": 2},
            {"step": "ordered", "at": NOW, "repeats": 0},
        ],
        "forecast": {
            "kind": "credit",
            "value": EUROS,
            "available_at": datetime(2026, 12, 9, tzinfo=UTC),
            "obstacle": None,
        },
        "reward": reward(),
        "reviewed_by": None,
        "reviewed_at": None,
        "review_note": None,
        "reversed_at": None,
        **changes,
    }
    return CaseView.model_validate(document)


def waiting(score: int, **changes: Any) -> QueueItemView:
    document: dict[str, Any] = {
        "id": uuid4(),
        "score": score,
        "review_threshold": 40,
        "block_threshold": 80,
        "leans_to_fraud": score >= 60,
        "status": "pending_review",
        "referrer": "Mia Berg",
        "referred_email": "anna@mail.example",
        "order_value": EUROS,
        "created_at": NOW,
        "reviewed_at": None,
        "reviewed_by": None,
    }
    return QueueItemView.model_validate(document | changes)


def reward(**changes: Any) -> dict[str, Any]:
    nothing = {"tier": None, "kind": "credit", "value": EUROS, "status": "none", "hold_until": None, "reason": None}
    return {**nothing, **changes}


def decided(standing: str, /, **changes: Any) -> ConversionView:
    names = ("id", "program_id", "code_id", "user_id")
    document = {
        **{name: uuid4() for name in names},
        **dict.fromkeys(("event_id", "click_id", "clicked_at", "reviewed_by", "reviewed_at", "review_note", "refusal")),
        "external_id": "order-1",
        "referred_email": "anna@mail.example",
        "referrer_name": "Mia",
        "order_value": EUROS,
        "status": standing,
        "fraud": None,
        "reward": reward(**changes),
        "occurred_at": NOW,
        "created_at": NOW,
        "reversed_at": None,
    }
    return ConversionView.model_validate(document)


def test_every_signal_and_every_rule_of_a_programme_has_one_sentence() -> None:
    codes = {signal.code for signal in SIGNALS} | {telling.ATTRIBUTION_EXPIRED, telling.BELOW_MINIMUM_ORDER}
    assert set(fraud_words.SENTENCES) == codes
    assert all(text.endswith(".") and text.count(".") == 1 for text in fraud_words.SENTENCES.values())
    assert fraud_words.sentence_of("made_up_later") == "Made up later."


def test_every_obstacle_of_a_reward_has_words() -> None:
    assert set(fraud_words.OBSTACLES) == {accounts.NO_TIER, accounts.NO_REWARD, accounts.CAP_REACHED}


def test_what_a_decision_did_names_the_amount_and_the_day() -> None:
    until = datetime(2026, 12, 9, tzinfo=UTC)
    said = [
        fraud_words.done(decided("approved", status="held", hold_until=until), NOW, "UTC"),
        fraud_words.done(decided("approved", status="payable", hold_until=NOW), NOW, "UTC"),
        fraud_words.done(decided("approved", reason="spend_cap_reached"), NOW, "UTC"),
        fraud_words.done(decided("rejected"), NOW, "UTC"),
        fraud_words.done(decided("rejected", status="clawed_back"), NOW, "UTC"),
    ]
    assert said == [
        "Approved. €12.00 reward released on 9 Dec.",
        "Approved. €12.00 reward released now.",
        "Approved. No reward: the programme's spending cap is reached.",
        "Rejected. No reward is paid.",
        "Rejected. €12.00 was taken back.",
    ]
    assert fraud_words.amount(MoneyView(amount="120", currency="XXX")) == "120 points"


def test_a_day_is_the_organisations_own() -> None:
    """Half past eleven at night in London is the next day in Berlin, and the same one in New York."""
    view = decided("approved", status="held", hold_until=datetime(2026, 12, 8, 23, 30, tzinfo=UTC))
    days = [fraud_words.done(view, NOW, zone)[-6:-1] for zone in ("UTC", "Europe/Berlin", "America/New_York")]
    assert days == ["8 Dec", "9 Dec", "8 Dec"]


def test_a_case_says_what_the_engine_did_and_what_a_decision_would_do() -> None:
    row = fraud_view.case_row(case(), None, NOW)
    assert row["verdict"] == "The engine held it for a person: the score is between 40 and 80."
    assert (row["proposal"], row["proposal_tone"], row["tone"]) == ("Leans to reject", "bad", "bad")
    assert row["dial_label"] == "Score 71 of 100. Review from 40, reject from 80."
    assert row["approve_effect"] == "€12.00 reward, released"
    assert row["approve_at"].startswith("2026-12-09")
    assert row["reject_effect"] == "No reward is paid, and the points that were held go."
    never = fraud_view.case_row(case(block_threshold=101, leans_to_fraud=False), None, NOW + timedelta(days=30))
    assert never["verdict"] == "The engine held it for a person: the score is 40 or more."
    assert never["proposal"] == "Leans to approve"
    assert (never["approve_effect"], never["approve_at"]) == ("€12.00 reward, released now", "")


def test_a_decision_is_told_by_its_name_and_ones_own_as_ones_own() -> None:
    ada = {"id": uuid4(), "name": "Ada", "email": "ada@acme.example", "joined_at": NOW}
    view = case(status="rejected", is_decidable=False, forecast=None, reviewed_by=ada, reviewed_at=NOW)
    assert fraud_view.outcome(view, None) == "Rejected by Ada"
    assert fraud_view.outcome(view, ada["id"]) == "Rejected by you"
    assert fraud_view.outcome(case(status="reversed", reversed_at=NOW), None) == "Undone after a refund"


def test_reasons_stand_by_weight_and_innocent_explanations_follow() -> None:
    found = fraud_view.reasons(case())
    assert [(row["key"], row["points"], row["share"]) for row in found] == [
        ("device_of_referrer", "70", "70%"),
        ("referrer_new", "4", "4%"),
    ]
    assert found[0]["sentence"] == "The order came from the referrer's own device."
    assert {row["key"] for row in fraud_view.innocents(case())} == {"device_of_referrer", "referrer_new"}


@pytest.mark.parametrize(
    ("score", "tone"), [(0, "good"), (39, "good"), (40, "warn"), (59, "warn"), (60, "bad"), (80, "bad"), (100, "bad")]
)
def test_a_score_has_one_colour_in_the_list_on_the_dial_and_as_a_reason(score: int, tone: str) -> None:
    fraud = {
        "score": score,
        "decision": "review",
        "reasons": [{"code": "payment_reused", "weight": score, "detail": "Seen before"}],
        "model_version": "rules-1",
    }
    view = case(fraud=fraud)
    shown = fraud_view.queue_row(waiting(score))["tone"], fraud_view.case_row(view, None, NOW)["tone"]
    assert shown == (tone, tone)
    assert fraud_view.reasons(view)[0]["tone"] == ("neutral" if tone == "good" else tone), "no reason is good news"


def test_a_score_that_nothing_was_judged_by_has_no_colour() -> None:
    assert fraud_view.queue_row(waiting(90, review_threshold=None, block_threshold=None))["tone"] == "neutral"


def test_the_drawing_joins_the_people_by_what_they_share_and_counts_who_has_no_room() -> None:
    nodes, edges, height = fraud_drawing.draw(case().connections)
    assert {node["key"]: (node["x"], node["label"]) for node in nodes} == {
        "referrer": ("48", "Referrer"),
        "referred": ("48", "Referred"),
        "device": ("160", "Device"),
        "1": ("272", "a.very.long.\N{HORIZONTAL ELLIPSIS}"),
        "2": ("272", "Olga"),
        "more": ("272", "3 more"),
    }
    assert {edge["key"]: edge["tone"] for edge in edges} == {
        "referred-device": "neutral",
        "1-device": "neutral",
        "2-device": "neutral",
        "referrer-device": "bad",
    }
    assert height == 3 * fraud_drawing.ROW
    assert fraud_drawing.summary(case().connections) == "Shared with the referrer and 5 other people: device."


def test_the_list_names_people_and_says_what_is_shared_with_nobody() -> None:
    (device,) = fraud_drawing.things(case().connections)
    assert device["text"] == (
        "a.very.long.address@mail.example (referred by Noah), Olga (a member), Mia Berg (the referrer), 3 more"
    )
    assert (device["title"], device["verdict"]) == ("Same device", "2 rejected")
    assert fraud_drawing.alone(case().connections) == "Seen with nobody else: inbox."
    alone = case(connections={"parties": [], "things": [], "more": 0}).connections
    assert fraud_drawing.draw(alone) == ([], [], 0)
    assert fraud_drawing.summary(alone) == "Nothing of this order was seen with anybody else."


def test_the_way_says_how_long_each_step_took() -> None:
    clicked, ordered = fraud_view.steps(case())
    assert clicked["detail"] == "2 more clicks within the hour"
    assert (ordered["detail"], ordered["amount"]) == ("4 minutes later", "€12.00")


def test_a_dial_marks_its_thresholds_and_leaves_out_what_no_score_reaches() -> None:
    marks = fraud_view.marks(50, 101)
    assert [(mark["label"], mark["x"], mark["anchor"]) for mark in marks] == [("50", "80.0", "middle")]
    assert [mark["key"] for mark in fraud_view.marks(40, 80)] == ["review", "block"]


def opened(**changes: Any) -> FraudDeskState:
    state = FraudDeskState()
    state.case = CaseRow(**{**NO_CASE, "id": "one", "is_decidable": True, **changes})  # type: ignore[typeddict-item]
    return state


@pytest.mark.parametrize("act", ["reject", "note"])
async def test_a_key_opens_its_dialog_only_for_the_case_that_was_shown(act: str) -> None:
    state = opened()
    assert [event async for event in state.press(act, "another")] == []
    assert state.dialog == ""
    assert [event async for event in state.press(act, "one")] == []
    assert state.dialog == act
    done = opened(is_decidable=False)
    assert [event async for event in done.press(act, "one")] == []
    assert done.dialog == ""


@pytest.mark.parametrize(
    ("review", "block", "wrong"),
    [
        ("0", "80", {"review_threshold"}),
        ("40", "102", {"block_threshold"}),
        ("", "x", {"review_threshold", "block_threshold"}),
        ("60", "50", {"block_threshold"}),
    ],
)
def test_thresholds_that_cannot_be_name_their_field(review: str, block: str, wrong: set[str]) -> None:
    with pytest.raises(InputInvalid) as refused:
        fraud_thresholds._scores({"review_threshold": review, "block_threshold": block})
    assert set(refused.value.fields) == wrong


def test_thresholds_are_read_as_typed() -> None:
    assert fraud_thresholds._scores({"review_threshold": " 35 ", "block_threshold": "101"}) == (35, 101)
