"""Rows that the review desk draws, ready to show."""

from __future__ import annotations

from typing import TypedDict


class QueueRow(TypedDict):
    """A conversion in the list; `decided` says by whom, where it was decided."""

    id: str
    score: str
    tone: str
    referrer: str
    referred: str
    amount: str
    at: str
    decided: str
    decided_tone: str


class ReasonRow(TypedDict):
    """A signal that fired: its sentence, what it saw, its points and their share of a bar."""

    key: str
    sentence: str
    detail: str
    points: str
    share: str
    tone: str


class InnocentRow(TypedDict):
    """An innocent explanation of a signal, and what would settle it."""

    key: str
    text: str
    look_at: str


class ThingRow(TypedDict):
    """One thing of the case in the list behind the drawing."""

    key: str
    kind: str
    title: str
    text: str
    verdict: str
    tone: str


class NodeRow(TypedDict):
    """A person or a thing in the drawing, in its units."""

    key: str
    kind: str
    x: str
    y: str
    icon_x: str
    icon_y: str
    label_y: str
    label: str


class EdgeRow(TypedDict):
    """A line of the drawing; `tone` is bad where the referrer is at its end."""

    key: str
    x1: str
    y1: str
    x2: str
    y2: str
    tone: str


class MarkRow(TypedDict):
    """A mark on a dial: the number it stands at, and where its label goes."""

    key: str
    label: str
    turn: str
    x: str
    y: str
    anchor: str


class CountRow(TypedDict):
    """How many conversions have a status."""

    key: str
    label: str
    value: str
    tone: str


class OtherRow(TypedDict):
    """Another conversion of one of the two."""

    key: str
    who: str
    status: str
    tone: str
    amount: str
    at: str


class CaseRow(TypedDict):
    """The open case in words."""

    id: str
    title: str
    referrer: str
    referrer_email: str
    referrer_initials: str
    referrer_since: str
    referred: str
    referred_detail: str
    referred_initials: str
    order: str
    program: str
    amount: str
    ordered_at: str
    score: int
    tone: str
    dial_label: str
    proposal: str
    proposal_tone: str
    verdict: str
    thresholds: str
    is_decidable: bool
    outcome: str
    outcome_tone: str
    outcome_at: str
    note: str
    approve_effect: str
    approve_at: str
    reject_effect: str
    summary: str
    alone: str
    model: str


class ScaleRow(TypedDict):
    """From which scores a programme's conversions are reviewed and rejected."""

    id: str
    name: str
    review: str
    block: str
    text: str
    is_checked: bool


NO_CASE: CaseRow = {
    "id": "",
    "title": "",
    "referrer": "",
    "referrer_email": "",
    "referrer_initials": "",
    "referrer_since": "",
    "referred": "",
    "referred_detail": "",
    "referred_initials": "",
    "order": "",
    "program": "",
    "amount": "",
    "ordered_at": "",
    "score": 0,
    "tone": "",
    "dial_label": "",
    "proposal": "",
    "proposal_tone": "",
    "verdict": "",
    "thresholds": "",
    "is_decidable": False,
    "outcome": "",
    "outcome_tone": "",
    "outcome_at": "",
    "note": "",
    "approve_effect": "",
    "approve_at": "",
    "reject_effect": "",
    "summary": "",
    "alone": "",
    "model": "",
}
