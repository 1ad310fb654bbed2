"""Tiers: what an approved conversion earns, by how many its referrer has. Pure, in Decimal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """From `threshold` approved conversions on, each earns `reward`, and the member it brought `referred_reward`."""

    key: str
    name: str
    threshold: int
    reward: Decimal
    referred_reward: Decimal = ZERO

    def document(self) -> dict[str, Any]:
        """Give the tier as a programme keeps it: amounts as text, so that none of their digits is lost."""
        return {
            "key": self.key,
            "name": self.name,
            "threshold": self.threshold,
            "reward": f"{self.reward:f}",
            "referred_reward": f"{self.referred_reward:f}",
        }


@dataclass(frozen=True, slots=True)
class Reward:
    """What one conversion earns; without a tier, nothing."""

    tier: Tier | None
    referrer: Decimal
    referred: Decimal

    @property
    def total(self) -> Decimal:
        """What the conversion costs the programme."""
        return self.referrer + self.referred


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[Tier, ...]:
    """Give the tiers of a programme's column, lowest first."""
    tiers = (
        Tier(
            key=row["key"],
            name=row["name"],
            threshold=int(row["threshold"]),
            reward=Decimal(row["reward"]),
            referred_reward=Decimal(row.get("referred_reward") or ZERO),
        )
        for row in rows
    )
    return tuple(sorted(tiers, key=lambda tier: tier.threshold))


def tier_at(tiers: Sequence[Tier], approved: int) -> Tier | None:
    """Give the tier of somebody with so many approved conversions; None below the first one and without any."""
    reached = [tier for tier in tiers if approved > 0 and tier.threshold <= approved]
    return reached[-1] if reached else None


def next_after(tiers: Sequence[Tier], approved: int) -> Tier | None:
    """Give the tier that comes next, None at the top."""
    return next((tier for tier in tiers if tier.threshold > approved), None)


def reward_for(tiers: Sequence[Tier], approved: int, *, is_double: bool = False) -> Reward:
    """Give the reward of a conversion that is its referrer's `approved`-th in the programme.

    `is_double` says that the member whom it brought is known and rewarded too.
    """
    tier = tier_at(tiers, approved)
    if tier is None:
        return Reward(None, ZERO, ZERO)
    return Reward(tier, tier.reward, tier.referred_reward if is_double else ZERO)
