"""What an assessment of a conversion says: the recommendation, its figures, and the tables behind it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Final, Literal

from agents import facts
from agents.facts import Fact
from agents.fraud_words import NETWORK, words_of
from agents.parts import Cell, Checklist, Column, Item, Point, Series, Table
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView, ReasonView

Recommended = Literal["approve", "reject", "ask"]

_HEAVY: Final = 40.0
"""Points from which evidence stands by itself: the engine's own usual threshold for a review."""
_NO_CURRENCY: Final = "XXX"
SAID: Final[dict[Recommended, str]] = {
    "approve": "approve it",
    "reject": "reject it",
    "ask": "keep it on hold and ask first",
}


def recommend(item: ConversionView, review: int, block: int) -> Recommended:
    """Say what to do: evidence rejects, bare circumstances near the lower threshold pass, the rest is asked about.

    A score that other companies' signals lifted rejects nothing, also where the threshold came down to it later.
    """
    if any(words_of(reason.code).is_evidence and reason.weight >= _HEAVY for reason in reasons_of(item)):
        return "reject"
    if score_of(item) >= block and not any(reason.code == NETWORK for reason in reasons_of(item)):
        return "reject"
    return "approve" if score_of(item) < (review + block) / 2 else "ask"


def facts_of(
    item: ConversionView, word: Recommended, recent: Sequence[ConversionView], thresholds: tuple[int, int]
) -> list[Fact]:
    """Give the figures of one conversion; `thresholds` are its programme's, `recent` says what is usual here."""
    reasons = reasons_of(item)
    score = score_of(item)
    found = [
        facts.count("score", "Fraud score of a hundred", score),
        facts.count("review_threshold", "Held from score", thresholds[0]),
        facts.count("block_threshold", "Rejected from score", thresholds[1]),
        facts.count("finding_count", "Findings", len(reasons)),
        facts.count("evidence_count", "Findings that are evidence", sum(words_of(r.code).is_evidence for r in reasons)),
        facts.text("recommendation", "Recommendation", SAID[word]),
    ]
    amount = item.order_value
    if amount.currency != _NO_CURRENCY:
        found.append(facts.money("order_value", "Order value", Decimal(amount.amount), amount.currency))
    earned = item.reward.value
    if earned.currency == _NO_CURRENCY:
        found.append(facts.number("reward_points", "Reward in points", Decimal(earned.amount)))
    else:
        found.append(facts.money("reward_value", "Reward", Decimal(earned.amount), earned.currency))
    others = [score_of(other) for other in recent if other.id != item.id]
    if others:
        found.append(facts.number("usual_score", "Usual score here (median)", median(others), digits=1))
        higher = sum(other >= score for other in others) / len(others) * 100
        found.append(facts.percent("higher_share", "Conversions with such a score or a higher one", higher))
    if reasons:
        strongest = reasons[0]
        words = words_of(strongest.code)
        found += [
            facts.text("strongest", "Strongest finding", words.label),
            facts.text("strongest_detail", "What it saw", strongest.detail),
            facts.number("strongest_points", "Points of the strongest finding", strongest.weight, digits=1),
            facts.text("innocent", "Innocent explanation", words.innocent),
            facts.text("look_at", "What settles it", words.look_at),
        ]
    return found


def reasons_of(item: ConversionView) -> list[ReasonView]:
    """Give the findings, the weightiest first."""
    return sorted(item.fraud.reasons, key=lambda reason: -reason.weight) if item.fraud else []


def score_of(item: ConversionView) -> int:
    """Give the engine's score, 0 to 100."""
    return item.fraud.score if item.fraud else 0


def note_of(item: ConversionView) -> str:
    """Give the words for the record: the findings by name, never the customer's data."""
    named = ", ".join(words_of(reason.code).label.lower() for reason in reasons_of(item)[:3])
    return f"Score {score_of(item)}: {named}" if named else f"Score {score_of(item)}, no findings"


def conversions_table(advised: Sequence[tuple[ConversionView, Recommended]], currency: str) -> Table:
    """Show the conversions with what is recommended."""
    rows: list[dict[str, Cell]] = [
        {
            "when": item.occurred_at.date().isoformat(),
            "customer": facts.text("x", "x", item.referred_email).rendered,
            "value": f"{item.order_value.amount} {item.order_value.currency}",
            "score": score_of(item),
            "status": item.status.replace("_", " "),
            "advice": SAID[word],
        }
        for item, word in advised
    ]
    columns = [
        Column(key="when", label="Ordered", kind="date"),
        Column(key="customer", label="Customer"),
        Column(key="value", label="Order"),
        Column(key="score", label="Score", kind="number"),
        Column(key="status", label="Status"),
        Column(key="advice", label="Recommendation"),
    ]
    return Table(title="Conversions, the riskiest first", columns=columns, rows=rows, currency=currency)


def findings_table(item: ConversionView, recent: Sequence[ConversionView]) -> Table:
    """Show each finding beside how often it fires among what was approved and what was rejected here."""
    approved = [other for other in recent if other.status == "approved" and other.id != item.id]
    rejected = [other for other in recent if other.status == "rejected" and other.id != item.id]
    rows: list[dict[str, Cell]] = [
        {
            "finding": words_of(reason.code).label,
            "points": round(reason.weight, 1),
            "detail": facts.text("x", "x", reason.detail).rendered,
            "approved": _frequency(reason.code, approved),
            "rejected": _frequency(reason.code, rejected),
        }
        for reason in reasons_of(item)
    ]
    columns = [
        Column(key="finding", label="Finding"),
        Column(key="points", label="Points", kind="number"),
        Column(key="detail", label="What it saw"),
        Column(key="approved", label="Among approved", kind="percent"),
        Column(key="rejected", label="Among rejected", kind="percent"),
    ]
    return Table(title="Why the riskiest one was held", columns=columns, rows=rows)


def _frequency(code: str, among: Sequence[ConversionView]) -> float | None:
    if not among:
        return None
    return round(100 * sum(any(r.code == code for r in reasons_of(other)) for other in among) / len(among), 1)


def explanations_of(item: ConversionView) -> Checklist:
    """List what to look at, innocent explanations first in each reason."""
    words = [words_of(reason.code) for reason in reasons_of(item) if reason.weight > 0]
    items = [
        Item(text=word.look_at, why=f"{word.label}: it may be innocent ({word.innocent.lower()})") for word in words
    ]
    return Checklist(title="Before you decide", items=items)


def points_series(item: ConversionView) -> Series:
    """Draw what brought the points; a negative bar speaks for honesty."""
    points = [Point(x=words_of(reason.code).label, y=reason.weight) for reason in reasons_of(item)]
    return Series(title="What brought the points", form="bar", unit="points", points=points)
