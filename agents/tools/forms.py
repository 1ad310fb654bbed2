"""Forms of figures: counts that name what they count, probabilities; and moments in the company's time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agents.facts import Fact, count, percent

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_TINY: Final = 0.001
"""A probability that is given no closer: below it the methods are rough."""


def things(key: str, label: str, value: int, singular: str, plural: str | None = None) -> Fact:
    """Make the fact of a count whose form names what is counted: "1 post", "4 posts"."""
    made = count(key, label, value)
    word = singular if value == 1 else plural or f"{singular}s"
    return made.model_copy(update={"rendered": f"{made.rendered}{_NO_BREAK}{word.replace(' ', _NO_BREAK)}"})


def probability(key: str, label: str, chance: float) -> Fact:
    """Make the fact of a probability (0 to 1) in percent; a tiny one is said to be tiny, not none."""
    made = percent(key, label, chance * 100)
    if chance >= _TINY:
        return made
    return made.model_copy(
        update={"rendered": f"less{_NO_BREAK}than{_NO_BREAK}{percent('', '', _TINY * 100).rendered}"}
    )


def local(moment: datetime, timezone: str) -> datetime:
    """Give a moment in the company's time zone; one without a zone is taken as local already."""
    zone = ZoneInfo(timezone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
