"""Combining: from findings to a score and a decision."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bizosaas_app.services.gamification.fraud.features import Features
from bizosaas_app.services.gamification.fraud.signals import SIGNALS, Signal
from bizosaas_app.services.gamification.fraud.verdicts import Decision, Reason, Thresholds

_FURTHER: Final = 0.4
"""What a further finding of the same family adds of its points: it partly tells the same again."""
_HIGHEST: Final = 0.99


@dataclass(frozen=True, slots=True)
class Scored:
    """What the findings come to: `evidence` is the score without association, the base of later guilt."""

    score: int
    evidence: int
    decision: Decision
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    signal: Signal
    points: float
    detail: str


def combine(features: Features, thresholds: Thresholds) -> Scored:
    """Score the features. What other tenants say may hold a conversion, but never rejects it."""
    found = _look(features)
    own = [item for item in found if item.signal.family != "network"]
    without_network = _score(own)
    score = _score(found)
    if without_network < thresholds.block:
        score = max(without_network, min(score, thresholds.block - 1))
    evidence = _score(item for item in own if not item.signal.is_soft)
    return Scored(score, evidence, decide(score, thresholds), _reasons(found))


def decide(score: int, thresholds: Thresholds) -> Decision:
    """Compare a score with the thresholds."""
    if score >= thresholds.block:
        return "block"
    return "review" if score >= thresholds.review else "allow"


def _look(features: Features) -> list[_Found]:
    findings = ((signal, signal.look(features)) for signal in SIGNALS)
    return [_Found(signal, *finding) for signal, finding in findings if finding is not None]


def _score(found: Iterable[_Found]) -> int:
    """Take families as independent: the chance that none of them is right is the product of their doubts."""
    families: dict[str, list[float]] = {}
    for item in found:
        families.setdefault(item.signal.family, []).append(item.points / 100)
    doubt = math.prod(1 - _strength(points) for points in families.values())
    return round(100 * (1 - doubt))


def _strength(points: Sequence[float]) -> float:
    first, *rest = sorted(points, reverse=True)
    doubt = (1 - first) * math.prod(1 - _FURTHER * further for further in rest)
    return min(1 - doubt, _HIGHEST)


def _reasons(found: Iterable[_Found]) -> tuple[Reason, ...]:
    ordered = sorted(found, key=lambda item: -item.points)
    return tuple(Reason(item.signal.code, round(item.points, 1), item.detail) for item in ordered)
