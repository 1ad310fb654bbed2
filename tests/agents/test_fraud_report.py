"""The assessment of a conversion: what the findings say decides, never a score of our own."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from agents import fraud_report
from agents.facts import by_key
from agents.fraud_words import SIGNAL_WORDS
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView, FraudView, ReasonView, RewardView
from bizosaas_app.services.gamification.fraud import signals

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def conversion(score: int, *found: tuple[str, float], status: str = "pending_review") -> ConversionView:
    reasons = [ReasonView(code=code, weight=weight, detail=f"Saw {code}") for code, weight in found]
    empty = ("event_id", "click_id", "clicked_at", "reviewed_by", "reviewed_at", "review_note", "refusal")
    fields = dict.fromkeys(empty)
    return ConversionView.model_validate(
        {
            **fields,
            "id": uuid4(),
            "external_id": "x",
            "program_id": uuid4(),
            "code_id": uuid4(),
            "user_id": uuid4(),
            "referrer_name": "Mia",
            "referred_email": "ann@shop.example",
            "order_value": MoneyView(amount="120.00", currency="EUR"),
            "status": status,
            "fraud": FraudView(score=score, decision="review", reasons=reasons, model_version="test"),
            "reward": RewardView(
                tier="bronze",
                kind="cash",
                value=MoneyView(amount="10.00", currency="EUR"),
                status="held",
                hold_until=None,
                reason=None,
            ),
            "occurred_at": NOW,
            "created_at": NOW,
            "reversed_at": None,
        }
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (conversion(61, ("agent_automation", 55.0), ("spacing_regular", 9.0)), "reject"),
        (conversion(55, ("device_of_referrer", 92.0)), "reject"),
        (conversion(45, ("address_of_referrer", 20.0), ("value_repeated", 12.0)), "approve"),
        (conversion(70, ("address_data_centre", 30.0), ("click_too_fast", 30.0)), "ask"),
        (conversion(85, ("click_too_fast", 30.0)), "reject"),
        (conversion(41, ("email_like_referrer", 22.0)), "approve"),
    ],
)
def test_evidence_rejects_circumstances_pass_and_the_rest_is_asked_about(item: ConversionView, expected: str) -> None:
    assert fraud_report.recommend(item, 40, 80) == expected


def test_what_is_usual_here_is_said_beside_the_score() -> None:
    item = conversion(61, ("agent_automation", 55.0))
    recent = [item, *(conversion(score) for score in (0, 10, 20, 70))]
    found = by_key(fraud_report.facts_of(item, "reject", recent, (40, 80)))
    assert (found["score"].value, found["usual_score"].value) == (61, 15)  # the median of 0, 10, 20, 70
    assert found["higher_share"].rendered == "25%"
    assert found["order_value"].rendered == "€120.00"
    assert found["strongest"].value == "Automated browser"


def test_findings_stand_beside_how_often_they_fire_here() -> None:
    item = conversion(61, ("agent_automation", 55.0))
    recent = [
        item,
        conversion(10, ("agent_automation", 5.0), status="approved"),
        conversion(0, status="approved"),
        conversion(90, ("agent_automation", 60.0), status="rejected"),
    ]
    (row,) = fraud_report.findings_table(item, recent).rows
    assert (row["approved"], row["rejected"]) == (50.0, 100.0)


def test_the_note_for_the_record_names_findings_and_never_the_customer() -> None:
    note = fraud_report.note_of(conversion(61, ("agent_automation", 55.0), ("click_too_fast", 9.0)))
    assert note == "Score 61: automated browser, ordered right after the click"


def test_every_signal_of_the_engine_has_its_words() -> None:
    assert {signal.code for signal in signals.SIGNALS} == SIGNAL_WORDS.keys()
