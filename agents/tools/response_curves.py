"""Response curves: what the next unit of money brings in a channel.

A channel's response is a power curve a x^b with 0 < b < 1 fitted to its history (diminishing returns; Hanssens,
Parsons and Schultz, "Market Response Models"). At the best split of a budget the next unit of money brings the same
everywhere, so the split follows from one number, the marginal return, found by Brent's method.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_LEAST, _MOST = 0.05, 0.95
"""Bounds of the exponent: below, money hardly counts; above, returns do not diminish."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What a spend brings; `fit` is the coefficient of determination on the history."""

    scale: float
    exponent: float
    fit: float

    def at(self, spend: float) -> float:
        """Give the conversions that a spend brings."""
        return self.scale * spend**self.exponent if spend > 0 else 0.0

    def spend_at(self, marginal: float) -> float:
        """Give the spend at which the next unit of money brings `marginal` conversions."""
        if self.scale <= 0:
            return 0.0
        return float((self.scale * self.exponent / marginal) ** (1 / (1 - self.exponent)))


def fit_curve(spends: Sequence[float], counted: Sequence[float]) -> Curve:
    """Fit the curve to what periods cost and brought; the spends must differ."""
    import numpy as np
    from scipy.optimize import curve_fit

    spend, conversions = np.array(spends), np.array(counted)
    unit, level = float(spend.mean()), float(conversions.mean())
    if level == 0:
        return Curve(0.0, _MOST, 0.0)
    fitted: Any = curve_fit(
        lambda x, a, b: a * x**b,
        spend / unit,
        conversions / level,
        p0=(1.0, 0.5),
        bounds=((0.0, _LEAST), (np.inf, _MOST)),
        ftol=1e-12,
        xtol=1e-12,
        gtol=1e-12,
    )[0]
    scale, exponent = float(fitted[0]) * level / unit ** float(fitted[1]), float(fitted[1])
    rest = float(((conversions - scale * spend**exponent) ** 2).sum())
    whole = float(((conversions - level) ** 2).sum())
    return Curve(scale, exponent, 1 - rest / whole if whole else 1.0)


def best_spends(curves: Sequence[Curve], limits: Sequence[tuple[float, float]], budget: float) -> list[float]:
    """Split a budget so that the next unit of money brings the same everywhere, as far as the limits let it."""
    from scipy.optimize import brentq

    def spends(log_marginal: float) -> list[float]:
        marginal = math.exp(log_marginal)
        return [
            min(max(_bounded(curve, marginal, high), low), high)
            for curve, (low, high) in zip(curves, limits, strict=True)
        ]

    def excess(log_marginal: float) -> float:
        return sum(spends(log_marginal)) - budget

    low, high = -40.0, 40.0
    if excess(low) <= 0:
        return spends(low)
    if excess(high) >= 0:
        return spends(high)
    return spends(float(brentq(excess, low, high, xtol=1e-12)))


def _bounded(curve: Curve, marginal: float, most: float) -> float:
    """Give the spend at a marginal return, at most `most`; the power itself could overflow."""
    if curve.scale <= 0:
        return 0.0
    if most <= 0 or curve.scale * curve.exponent * most ** (curve.exponent - 1) >= marginal:
        return most
    return curve.spend_at(marginal)
