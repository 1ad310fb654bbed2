"""Referrals as their pages draw them: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway import referral_programs
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView, FraudView, ReasonView, RewardView
from bizosaas_app.gateway.contracts.referral_programs import ChangeProgram, TierView
from bizosaas_app.gateway.contracts.referral_rewards import EntryView
from bizosaas_app.gateway.contracts.referrals import CountersView, FunnelView, MineView, RatesView
from bizosaas_app.gateway.referral_programs import program_view
from bizosaas_app.kernel.errors import InputInvalid
from models import AuditEntry
from state import referral_funnel, referral_terms, referral_tiers, referral_words
from state.referral_conversions import conversion_row as row_for_admin
from state.referral_own import conversion_row, entry_row
from state.referral_rows import TierFields
from tests.support.referrals import ADMIN, Shop, arena, shop

__all__ = ["arena", "shop"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EUR = MoneyView(amount="10.00", currency="EUR")
SIGNAL = ReasonView(code="shared_device", weight=60, detail="The device of the referrer")


def conversion(
    status: str = "approved", reward: str | RewardView = "held", refusal: str | None = None
) -> ConversionView:
    known: dict[str, Any] = {
        "id": uuid4(),
        "external_id": "order-1",
        "program_id": uuid4(),
        "code_id": uuid4(),
        "user_id": uuid4(),
        "referrer_name": "Mia",
        "referred_email": "f***@elsewhere.example",
        "order_value": {"amount": "49.90", "currency": "EUR"},
        "status": status,
        "fraud": FraudView(score=61, decision="review", reasons=[SIGNAL], model_version="1"),
        "event_id": None,
        "click_id": None,
        "clicked_at": None,
        "occurred_at": NOW,
        "created_at": NOW,
        "reviewed_by": None,
        "reviewed_at": None,
        "review_note": "the same person",
        "reversed_at": None,
        "refusal": refusal,
    }
    return ConversionView.model_validate({**known, "reward": earned(reward) if isinstance(reward, str) else reward})


def earned(status: str, kind: str = "credit", reason: str | None = None) -> RewardView:
    currency = "XXX" if kind == "points" else "EUR"
    value = MoneyView(amount="10", currency=currency)
    return RewardView(tier="bronze", kind=kind, value=value, status=status, hold_until=NOW, reason=reason)


@pytest.mark.parametrize(
    ("view", "label", "words"),
    [
        (conversion("pending_review", "none"), "Waiting for review", "A person reviews it"),
        (conversion("rejected", "none"), "Rejected", "programme's rules"),
        (conversion("rejected", "none", "attribution_expired"), "Rejected", "too long after the click"),
        (conversion("rejected", "none", "below_minimum_order"), "Rejected", "programme's minimum"),
        (conversion("reversed", "clawed_back"), "Taken back", "was undone"),
        (conversion(), "Approved", "Held until "),
        (conversion(reward="payable"), "Approved", "Ready to be paid out"),
        (conversion(reward="paid"), "Approved", "Paid out"),
        (conversion(reward=earned("none", reason="below_first_tier")), "Approved", "rewards begin there"),
        (conversion(reward=earned("none", reason="no_reward_in_tier")), "Approved", "brings no reward"),
        (conversion(reward=earned("none", reason="spend_cap_reached")), "Approved", "budget is used up"),
        (conversion(reward=earned("payable", "points")), "Approved", "The points are yours"),
    ],
)
def test_a_referrer_is_told_in_words_and_learns_no_signal(view: ConversionView, label: str, words: str) -> None:
    row = conversion_row(view)
    assert (row["label"], words in row["note"]) == (label, True)
    said = " ".join(str(value) for name, value in row.items() if name not in {"key", "id"}).lower()
    for secret in ("device", "fraud", "score", "61", "shared", "same person"):
        assert secret not in said


def test_a_held_reward_names_its_day() -> None:
    row = conversion_row(conversion())
    assert (row["note_at"], row["note_after"], row["reward"]) == (NOW.isoformat(), " in case of a refund.", "€10.00")
    assert conversion_row(conversion("pending_review", "none"))["reward"] == "\N{EN DASH}"


def test_who_runs_the_programmes_sees_score_and_verdict() -> None:
    view = conversion("pending_review", "none")
    row = row_for_admin(view, {str(view.program_id): "Friends"})
    assert (row["score"], row["verdict"], row["program"], row["is_standing"]) == ("61", "Doubtful", "Friends", True)
    assert not row_for_admin(conversion("rejected", "none"), {})["is_standing"]


@pytest.mark.parametrize(
    ("kind", "amount", "ahead", "expected"),
    [
        ("earned", "10.00", 3, ("Earned for a referral", "+€10.00", "Payable from ", "")),
        ("earned", "10.00", -3, ("Earned for a referral", "+€10.00", "Payable since ", "")),
        ("clawback", "-10.00", 3, ("Taken back", "\N{MINUS SIGN}€10.00", "", "")),
        ("payout", "-10.00", 0, ("Paid out", "\N{MINUS SIGN}€10.00", "", "Rejected by a reviewer")),
    ],
)
def test_a_movement_has_its_sign_and_its_day(kind: str, amount: str, ahead: int, expected: tuple[str, ...]) -> None:
    view = EntryView(
        id=uuid4(),
        kind=kind,
        amount=MoneyView(amount=amount, currency="EUR"),
        conversion_id=None,
        available_at=NOW + timedelta(days=ahead),
        note="Rejected by a reviewer",
        created_at=NOW,
    )
    row = entry_row(view, NOW)
    assert (row["title"], row["amount"], row["due"], row["note"]) == expected


def funnel(*counts: int) -> FunnelView:
    names = ("clicks", "sign_ups", "conversions", "approved", "rewarded")
    rates = RatesView(sign_up=0.125, conversion=0.05, approval=0.5, reward=1.0)
    return FunnelView.model_validate(
        {**dict(zip(names, counts, strict=True)), "rates": rates, "begin": NOW, "end": NOW}
    )


def test_a_funnel_is_as_wide_as_its_widest_step() -> None:
    rows = referral_funnel.rows(funnel(40, 5, 2, 1, 1))
    assert [(row["count"], row["share"]) for row in rows] == [("40", 100), ("5", 12), ("2", 5), ("1", 2), ("1", 2)]
    assert [row["rate"] for row in rows] == [
        "",
        "12.5% of clicks",
        "5% of clicks",
        "50% of conversions",
        "100% of approved",
    ]
    assert referral_funnel.summary(funnel(40, 5, 2, 1, 1), "30") == (
        "In the last 30 days there were 40 clicks, 5 sign-ups and 2 conversions: 1 approved, 1 no longer held."
    )


def test_a_funnel_of_nothing_says_so() -> None:
    rows = referral_funnel.rows(funnel(0, 0, 0, 0, 0))
    assert {row["share"] for row in rows} == {0}
    assert {row["rate"] for row in rows} == {""}
    assert "nobody followed the link yet" in referral_funnel.summary(funnel(0, 0, 0, 0, 0), "all")
    assert max(row["share"] for row in referral_funnel.rows(funnel(1, 0, 4, 4, 4))) == 100


def mine(approved: int) -> MineView:
    tiers = [
        TierView(key=key, name=key.title(), threshold=threshold, reward="10.00", referred_reward="0.00")
        for key, threshold in (("bronze", 1), ("silver", 5))
    ]
    reached = [tier for tier in tiers if tier.threshold <= approved]
    ahead = [tier for tier in tiers if tier.threshold > approved]
    return MineView(
        program_id=uuid4(),
        program_name="Friends",
        code="ABCD1234",
        url="https://acme.example/r/ABCD1234",
        share={},
        tier=reached[-1] if reached else None,
        next_tier=ahead[0] if ahead else None,
        missing_for_next=ahead[0].threshold - approved if ahead else None,
        tiers=tiers,
        currency="EUR",
        counters=CountersView(clicks=0, sign_ups=0, conversions=approved, approved=approved, pending=0),
    )


@pytest.mark.parametrize(
    ("approved", "title", "percent", "words"),
    [
        (0, "Not in a tier yet", 0, "1 more approved referral to Bronze"),
        (1, "Bronze", 0, "4 more approved referrals to Silver"),
        (3, "Bronze", 50, "2 more approved referrals to Silver, where each earns €10.00."),
        (9, "Silver", 100, "You are in the highest tier."),
    ],
)
def test_the_way_to_the_next_tier(approved: int, title: str, percent: int, words: str) -> None:
    view = mine(approved)
    assert (referral_tiers.title(view), referral_tiers.percent(view)) == (title, percent)
    assert words in referral_tiers.ahead(view)
    states = [row["state"] for row in referral_tiers.rows(view)]
    assert states == (["reached", "current"] if approved >= 5 else ["current" if approved else "ahead", "ahead"])


def rows(*ids: str) -> list[TierFields]:
    return referral_terms.number(
        [
            TierFields(id=row_id, number=0, key="", name="", threshold="", reward="", referred_reward="")
            for row_id in ids
        ]
    )


def sent(**fields: str) -> dict[str, str]:
    return {**referral_terms.texts_of(None), "name": "Friends", "landing_url": "https://acme.example", **fields}


def test_a_form_is_read_as_the_terms_of_a_programme() -> None:
    told = sent(currency="eur", spend_cap="", is_fraud_checked="on")
    for row_id, name, threshold in (("b", "Gold & more", "1"), ("a", "Gold more", "5")):
        told |= {f"tier-{row_id}-name": name, f"tier-{row_id}-threshold": threshold, f"tier-{row_id}-reward": "12.50"}
    terms = referral_terms.read_new(told, rows("b", "a"))
    assert [(tier.key, tier.name, tier.threshold) for tier in terms.tiers] == [
        ("gold-more", "Gold & more", 1),
        ("gold-more-2", "Gold more", 5),
    ]
    assert (terms.currency, terms.spend_cap, terms.is_fraud_checked, terms.is_default) == ("EUR", None, True, False)
    assert terms.tiers[0].reward == Decimal("12.50")


def test_a_fault_is_told_at_its_field() -> None:
    told = sent(name="", hold_days="soon", currency="")
    told |= {"tier-a-name": "Gold", "tier-a-threshold": "1", "tier-a-reward": "1", "tier-b-name": "Silver"}
    with pytest.raises(InputInvalid) as raised:
        referral_terms.read_new(told, rows("a", "b"))
    assert set(raised.value.fields) == {"name", "hold_days", "tier-b-threshold", "tier-b-reward"}
    found = referral_terms.locate({"tiers.1.key": "x", "tiers": "y", "tiers.9.reward": "z"}, rows("a", "b"))
    assert found == {"tier-b-name": "x", "tiers": "y"}


async def test_an_editor_that_was_opened_before_a_pause_leaves_the_programme_paused(shop: Shop) -> None:
    view = program_view(shop.program)
    opened_with, lines = referral_terms.document_of(view), referral_terms.tiers_of(view)
    form = {**referral_terms.texts_of(view), **{name: "on" for name, on in view if on is True}}
    for row in lines:
        form |= {f"tier-{row['id']}-{part}": row[part] for part in ("name", "threshold", "reward", "referred_reward")}
    nothing = referral_terms.read_changes(form, lines, opened_with)
    admin = await shop.world.actor(ADMIN)
    assert await referral_programs.change_program(admin, ChangeProgram(program_id=view.id, changes=nothing)) == view
    assert not [row for row in await shop.all(AuditEntry) if row.action == "referrals.program_changed"]
    await shop.change(status="paused")
    changes = referral_terms.read_changes({**form, "hold_days": "3", "spend_cap": "500"}, lines, opened_with)
    after = await referral_programs.change_program(admin, ChangeProgram(program_id=view.id, changes=changes))
    assert (after.status, after.hold_days, after.spend_cap) == ("paused", 3, "500.00")
    assert after.tiers == view.tiers
    one_less = referral_terms.read_changes(form, lines[:1], opened_with)
    assert (one_less.model_fields_set, len(one_less.tiers)) == ({"tiers"}, 1)


def test_points_are_written_as_points() -> None:
    assert referral_words.worth(MoneyView(amount="1", currency="XXX")) == "1 point"
    assert referral_words.total([EUR, EUR]) == "€20.00"
