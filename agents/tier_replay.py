"""Tier thresholds: which ones the referrers' own numbers suggest, and what a year of rewards costs under them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from bizosaas_app.gateway.contracts.referral_programs import TierView

ENOUGH_REFERRERS: Final = 5
"""Referrers with an approval from which their numbers suggest anything."""
_REACH: Final = (0.5, 0.2, 0.05)
"""The share of referrers that each tier above the first should be within reach of."""


def suggest(tiers: Sequence[TierView], approvals: Iterable[int]) -> list[int]:
    """Give a threshold for each tier: the first keeps its own, each further one is within reach of fewer referrers.

    The quantile is the smallest number that at most the wanted share exceeds (inverted empirical distribution).
    Thresholds rise by one at least, and never fall below the tier before.
    """
    counts = sorted(approvals)
    wanted = [tier.threshold for tier in tiers]
    if len(counts) < ENOUGH_REFERRERS:
        return wanted
    for place in range(1, len(wanted)):
        reach = _REACH[min(place, len(_REACH)) - 1]
        at = counts[min(len(counts) - 1, math.ceil(len(counts) * (1 - reach)) - 1)]
        wanted[place] = max(at, wanted[place - 1] + 1)
    return wanted


def replay(tiers: Sequence[TierView], thresholds: Sequence[int], approvals: Mapping[UUID, int]) -> dict[UUID, Decimal]:
    """Give what each referrer would have earned: every approval earns the tier that it reaches."""
    rewards = [(threshold, Decimal(tier.reward)) for threshold, tier in zip(thresholds, tiers, strict=True)]
    return {
        who: sum((_earned(rewards, place) for place in range(1, count + 1)), Decimal(0))
        for who, count in approvals.items()
    }


def _earned(rewards: Sequence[tuple[int, Decimal]], place: int) -> Decimal:
    reached = [reward for threshold, reward in rewards if threshold <= place]
    return reached[-1] if reached else Decimal(0)
