"""The retry budget: repeated calls stay a small share of all, so that they never become a load of their own. Pure."""

from __future__ import annotations

from typing import Final

SHARE: Final = 0.1
MOST_SAVED: Final = 10.0
"""A quiet hour must not save up for a storm."""


class RetryBudget:
    """Each call earns a tenth of a retry; the first retry is given in advance."""

    def __init__(self) -> None:
        self._saved = 1.0

    def earn(self) -> None:
        """Count one call."""
        self._saved = min(self._saved + SHARE, MOST_SAVED)

    def spend(self) -> bool:
        """Take one retry; False when there is none left."""
        if self._saved < 1.0 - 1e-9:  # ten tenths are a little less than one
            return False
        self._saved -= 1.0
        return True
