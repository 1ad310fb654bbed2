"""Rates out of counts, with the uncertainty that few cases leave."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

_Z: Final = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many hits of so many cases."""

    hits: int
    cases: int

    @property
    def percent(self) -> float:
        """The share of a hundred; zero where there are no cases."""
        return 100 * self.hits / self.cases if self.cases else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % interval of the share in percent by Wilson (1927), which holds for few cases as well."""
        if not self.cases:
            return 0.0, 100.0
        share, n = self.hits / self.cases, self.cases
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        reach = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
        # At the ends the bounds are exact, whatever the rounding of the sums above.
        low = 100 * (middle - reach) if self.hits else 0.0
        high = 100 * (middle + reach) if self.hits != n else 100.0
        return max(0.0, low), min(100.0, high)


def p_value(one: Rate, other: Rate) -> float:
    """Give the chance of at least such a difference between two rates that are the same (Fisher's exact test)."""
    import numpy as np  # noqa: PLC0415  # heavy
    from scipy.stats import fisher_exact  # noqa: PLC0415

    grid = np.array([[one.hits, one.cases - one.hits], [other.hits, other.cases - other.hits]])
    return float(fisher_exact(grid).pvalue)
