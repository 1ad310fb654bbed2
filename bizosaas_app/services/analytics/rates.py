"""Rates: from 0 to 1, or None when there is nothing to take a share of. Pure."""

from __future__ import annotations


def share(part: int, whole: int) -> float | None:
    """Give the part of the whole; what came in before the whole was counted makes no more than all of it."""
    return None if whole == 0 else round(min(1.0, part / whole), 4)
