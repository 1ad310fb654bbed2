"""Rates out of counts, with the uncertainty that few cases leave."""

from __future__ import annotations

from dataclasses import dataclass


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
        from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]  # noqa: PLC0415  # heavy

        low, high = proportion_confint(self.hits, self.cases, alpha=0.05, method="wilson")
        # At the ends the bounds are exact, whatever the rounding inside.
        return 100 * float(low) if self.hits else 0.0, 100 * float(high) if self.hits != self.cases else 100.0


def p_value(one: Rate, other: Rate) -> float:
    """Give the chance of at least such a difference between two rates that are the same (Fisher's exact test)."""
    import numpy as np  # noqa: PLC0415  # heavy
    from scipy.stats import fisher_exact  # noqa: PLC0415

    grid = np.array([[one.hits, one.cases - one.hits], [other.hits, other.cases - other.hits]])
    return float(fisher_exact(grid).pvalue)
