"""A case as the page shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import cos, pi, sin
from typing import Final
from uuid import UUID

from agents.fraud_words import words_of
from bizosaas_app.gateway.contracts.review_desk import CaseView, HistoryView, OtherView, QueueItemView, StepView
from state import fraud_drawing, fraud_words, words
from state.fraud_rows import CaseRow, CountRow, InnocentRow, MarkRow, OtherRow, QueueRow, ReasonRow
from state.rows import TimelineRow

STEPS: Final[dict[str, tuple[str, str, str]]] = {
    "clicked": ("Clicked the referrer's link", "click", "neutral"),
    "joined": ("Joined by the referrer's code", "member", "neutral"),
    "ordered": ("Ordered", "sale", "neutral"),
    "judged": ("Judged by the engine", "security", "warn"),
    "reviewed": ("Decided by a person", "member", "accent"),
    "released": ("Reward released", "points", "good"),
    "reversed": ("Undone", "reversal", "bad"),
}
"""Words, icon and colour of each step on the way."""
_SOON_SECONDS: Final = 60
_RADIUS: Final = 67
_CENTRE: Final = (80, 84)
"""Where the labels of a dial's marks stand, in its units."""


def queue_row(item: QueueItemView) -> QueueRow:
    """Give a line of the list."""
    label, tone = fraud_words.STATUSES[item.status]
    return QueueRow(
        id=str(item.id),
        score=str(item.score),
        tone=_tone(item),
        referrer=item.referrer,
        referred=item.referred_email,
        amount=fraud_words.amount(item.order_value),
        at=words.moment(item.reviewed_at or item.created_at),
        decided=f"{label} by {item.reviewed_by}" if item.reviewed_by else "",
        decided_tone=tone,
    )


def _tone(item: QueueItemView) -> str:
    if item.review_threshold is None or item.block_threshold is None:
        return "neutral"
    return fraud_words.tone_of(item.score, item.review_threshold, item.block_threshold)


def case_row(view: CaseView, me: UUID | None, now: datetime) -> CaseRow:
    """Give the open case in words; `me` is who reads it."""
    effect, effect_at = fraud_words.approve_effect(view, now)
    proposal, proposal_tone = fraud_words.proposal(view)
    name, joined = view.referrer.name, view.referrer.joined_at
    ended_at = view.reversed_at or view.reviewed_at
    scale = fraud_words.thresholds(view.review_threshold, view.block_threshold)
    return CaseRow(
        id=str(view.id),
        title=f"{name} referred {view.referred_email}",
        referrer=name,
        referrer_email=view.referrer.email,
        referrer_initials=words.initials(name),
        referrer_since=words.moment(joined),
        referred=view.referred.name if view.referred else view.referred_email,
        referred_detail=view.referred_email if view.referred else "Not a member here",
        referred_initials=words.initials(view.referred.name if view.referred else view.referred_email),
        order=_order(view.external_id),
        program=view.program,
        amount=fraud_words.amount(view.order_value),
        ordered_at=words.moment(view.occurred_at),
        score=view.fraud.score,
        tone=fraud_words.tone_of(view.fraud.score, view.review_threshold, view.block_threshold),
        dial_label=f"Score {view.fraud.score} of 100. {scale}.",
        proposal=proposal,
        proposal_tone=proposal_tone,
        verdict=fraud_words.verdict(view),
        thresholds=scale,
        is_decidable=view.is_decidable,
        outcome=outcome(view, me),
        outcome_tone=fraud_words.STATUSES[view.status][1],
        outcome_at=words.moment(ended_at) if ended_at else "",
        note=view.review_note or "",
        approve_effect=effect,
        approve_at=effect_at,
        reject_effect=fraud_words.reject_effect(view),
        summary=fraud_drawing.summary(view.connections),
        alone=fraud_drawing.alone(view.connections),
        model=view.fraud.model_version,
    )


def outcome(view: CaseView, me: UUID | None) -> str:
    """Say what became of a case that is not open any more."""
    if view.status == "reversed":
        return "Undone after a refund"
    if view.reviewed_by is None:
        return ""
    who = "you" if view.reviewed_by.id == me else view.reviewed_by.name
    return f"{fraud_words.STATUSES[view.status][0]} by {who}"


def _against(tone: str) -> str:
    """Give a reason's colour: none is good news, however little it weighs."""
    return "neutral" if tone == "good" else tone


def reasons(view: CaseView) -> list[ReasonRow]:
    """Give what speaks against the conversion, the heaviest first."""
    found = sorted(view.fraud.reasons, key=lambda reason: -reason.weight)
    return [
        ReasonRow(
            key=reason.code,
            sentence=fraud_words.sentence_of(reason.code),
            detail=words.sentence(reason.detail),
            points=words.number(round(reason.weight)),
            share=f"{min(max(reason.weight, 2), 100):.0f}%",
            tone=_against(fraud_words.tone_of(reason.weight, view.review_threshold, view.block_threshold)),
        )
        for reason in found
    ]


def innocents(view: CaseView) -> list[InnocentRow]:
    """Give the innocent explanations of the signals that have one."""
    known = [(reason.code, words_of(reason.code)) for reason in view.fraud.reasons if reason.weight > 0]
    return [
        InnocentRow(key=code, text=words.sentence(item.innocent), look_at=words.sentence(item.look_at))
        for code, item in known
        if item.innocent != "Unknown"
    ]


def _order(number: str) -> str:
    """Name an order by its number; some shops put the word into it."""
    return number if number.lower().startswith("order") else f"Order {number}"


def counts(view: HistoryView) -> list[CountRow]:
    """Give how many other conversions have which status."""
    known = (
        ("approved", "Approved", view.approved, "good"),
        ("waiting", "Waiting for review", view.waiting, "warn"),
        ("rejected", "Rejected", view.rejected, "bad"),
        ("reversed", "Taken back", view.reversed, "neutral"),
    )
    return [
        CountRow(key=key, label=label, value=words.number(value), tone=tone if value else "neutral")
        for key, label, value, tone in known
    ]


def others(found: Sequence[OtherView], *, by_referrer: bool) -> list[OtherRow]:
    """Give other conversions: those of a referrer by whom they brought, those of an inbox by who brought it."""
    return [
        OtherRow(
            key=str(item.id),
            who=item.referred_email if by_referrer else f"by {item.referrer}",
            status=fraud_words.STATUSES[item.status][0],
            tone=fraud_words.STATUSES[item.status][1],
            amount=fraud_words.amount(item.order_value),
            at=words.moment(item.occurred_at),
        )
        for item in found
    ]


def steps(view: CaseView) -> list[TimelineRow]:
    """Give the way from the click to the decision, each step with how long it took."""
    rows, before = [], None
    for item in view.steps:
        title, kind, tone = STEPS[item.step]
        rows.append(
            TimelineRow(
                key=item.step,
                kind=kind,
                tone=tone,
                title=title,
                detail=_detail(item, before, view),
                at=words.moment(item.at),
                amount=fraud_words.amount(view.order_value) if item.step == "ordered" else "",
            )
        )
        before = item.at
    return rows


def marks(review: int, block: int) -> list[MarkRow]:
    """Give a dial's marks; a threshold that no score reaches has none."""
    return [_mark(key, value) for key, value in (("review", review), ("block", block)) if 0 < value <= 100]


def _mark(key: str, value: int) -> MarkRow:
    angle = pi * (1 - value / 100)
    anchor = "end" if value < 45 else "start" if value > 55 else "middle"
    return MarkRow(
        key=key,
        label=str(value),
        turn=f"rotate({value * 1.8 - 90:.1f} {_CENTRE[0]} {_CENTRE[1]})",
        x=f"{_CENTRE[0] + _RADIUS * cos(angle):.1f}",
        y=f"{_CENTRE[1] - _RADIUS * sin(angle):.1f}",
        anchor=anchor,
    )


def _detail(item: StepView, before: datetime | None, view: CaseView) -> str:
    parts = []
    if item.step == "clicked" and item.repeats:
        parts.append(words.counted(item.repeats, "more click within the hour", "more clicks within the hour"))
    if item.step == "judged":
        parts.append(f"score {view.fraud.score}")
    if item.step == "reviewed" and view.reviewed_by:
        parts.append(view.reviewed_by.name)
    if before is not None and item.at > before:
        parts.append(f"{_span((item.at - before).total_seconds())} later")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    """Give a duration in its largest unit."""
    for size, one, many in ((86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")):
        if seconds >= max(size, _SOON_SECONDS):
            return words.counted(int(seconds // size), one, many)
    return words.counted(round(seconds), "second", "seconds")
