"""Tallies: a score as it grows from event to event. Pure.

Merging is commutative and associative for every fold, so a score does not depend on the order in which events
arrive, and a recount from the ledger gives what was counted event by event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Fold = Literal["add", "highest", "lowest", "latest"]


@dataclass(frozen=True, slots=True)
class Tally:
    """A score, the moment it was reached, and how many events are behind it."""

    score: Decimal
    reached_at: datetime
    events: int


def merge(fold: Fold, one: Tally, other: Tally) -> Tally:
    """Give the tally of both parts.

    A sum is reached with its latest event, a record with the earliest event that set it.
    """
    events = one.events + other.events
    if fold == "add":
        return Tally(one.score + other.score, max(one.reached_at, other.reached_at), events)
    if fold == "latest":
        last = max(one, other, key=lambda tally: (tally.reached_at, tally.score))
        return Tally(last.score, last.reached_at, events)
    if one.score == other.score:
        return Tally(one.score, min(one.reached_at, other.reached_at), events)
    winner = one if (one.score > other.score) == (fold == "highest") else other
    return Tally(winner.score, winner.reached_at, events)
