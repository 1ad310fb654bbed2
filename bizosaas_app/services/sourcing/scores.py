"""Scores: how good an offer is, 0 to 100, from named signals that each say why. Pure.

A signal gives 0 to 100 points; the score is their mean by weight. A signal of which nothing is known is left out, and
says so: not to know a supplier's defects is neither good nor bad. The weights are a choice of ours: price first, then
what faulty and late goods cost, which the landed cost does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from bizosaas_app.services.sourcing.cells import plain

_TENTH: Final = Decimal("0.1")
_FULL: Final = Decimal(100)

WEIGHTS: Final = {"price": 40, "defect_rate": 20, "on_time_rate": 15, "lead_time": 15, "minimum_order": 10}
"""By signal; they add up to 100."""
QUICK_DAYS: Final = 7
SLOW_DAYS: Final = 60
"""A week or less is full points, two months or more none."""
BAD_DEFECTS: Final = Decimal(5)
"""Percent of faulty units from which there are no points."""
BAD_ON_TIME: Final = Decimal(70)
"""Percent of orders in time up to which there are no points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an offer: its landed cost beside the cheapest one's, and the supplier's record."""

    landed: Decimal
    cheapest: Decimal
    quantity: int
    minimum_order: int
    lead_time_days: int | None
    defect_rate: Decimal | None
    on_time_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason of a score: its points (None where nothing is known), its weight, and the reason in words."""

    key: str
    points: Decimal | None
    weight: int
    detail: str


@dataclass(frozen=True, slots=True)
class Score:
    """The score with its reasons."""

    value: Decimal
    signals: tuple[Signal, ...]


def score(facts: Facts) -> Score:
    """Give the score of an offer."""
    signals = (
        _price(facts),
        _defects(facts.defect_rate),
        _on_time(facts.on_time_rate),
        _lead_time(facts.lead_time_days),
        _minimum(facts),
    )
    return Score(_mean(signals), signals)


def _mean(signals: Sequence[Signal]) -> Decimal:
    known = [(item.points, item.weight) for item in signals if item.points is not None]
    total = sum((points * weight for points, weight in known), Decimal(0))
    return (total / sum(weight for _, weight in known)).quantize(_TENTH, rounding=ROUND_HALF_EVEN)


def _signal(key: str, points: Decimal | None, detail: str) -> Signal:
    if points is None:
        return Signal(key, None, WEIGHTS[key], detail)
    bounded = min(max(points, Decimal(0)), _FULL)
    return Signal(key, bounded.quantize(_TENTH, rounding=ROUND_HALF_EVEN), WEIGHTS[key], detail)


def _price(facts: Facts) -> Signal:
    if facts.landed <= facts.cheapest:
        return _signal("price", _FULL, "The lowest landed cost of this product")
    more = ((facts.landed / facts.cheapest - 1) * 100).quantize(_TENTH) if facts.cheapest else None
    detail = "Others ask nothing" if more is None else f"Lands {plain(more)}% above the cheapest offer"
    return _signal("price", facts.cheapest / facts.landed * 100, detail)


def _defects(rate: Decimal | None) -> Signal:
    if rate is None:
        return _signal("defect_rate", None, "No record of faulty units")
    return _signal("defect_rate", (1 - rate / BAD_DEFECTS) * 100, f"{plain(rate)}% of the units are faulty")


def _on_time(rate: Decimal | None) -> Signal:
    if rate is None:
        return _signal("on_time_rate", None, "No record of orders in time")
    points = (rate - BAD_ON_TIME) / (_FULL - BAD_ON_TIME) * 100
    return _signal("on_time_rate", points, f"{plain(rate)}% of the orders came in time")


def _lead_time(days: int | None) -> Signal:
    if days is None:
        return _signal("lead_time", None, "No lead time is known")
    points = Decimal(SLOW_DAYS - days) / (SLOW_DAYS - QUICK_DAYS) * 100
    return _signal("lead_time", points, f"Delivers in {days} day{'' if days == 1 else 's'}")


def _minimum(facts: Facts) -> Signal:
    if facts.minimum_order <= facts.quantity:
        return _signal("minimum_order", _FULL, f"Takes orders from {facts.minimum_order:,}")
    points = Decimal(facts.quantity) / facts.minimum_order * 100
    return _signal(
        "minimum_order", points, f"Takes orders from {facts.minimum_order:,} only; {facts.quantity:,} wanted"
    )
