"""Caps: what a leaderboard does not believe. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from bizosaas_app.kernel.errors import InputInvalid

LARGEST_CHANGE: Final = "largest_change"
SMALLEST_INTERVAL: Final = "smallest_interval_seconds"
LONGEST_INTERVAL: Final = 31 * 86_400
"""Seconds; whoever may score once in a month needs a board of another kind."""
_CEILING: Final = Decimal(10) ** 11


@dataclass(frozen=True, slots=True)
class Caps:
    """An event counts only if it changes the score by no more than this, and comes no sooner than this.

    The score is the member's of all time, and the interval begins with the last event that counted: both are
    judged in the order in which things happened, once for all windows, so that every window believes the same events.
    The first score of `best` and `set` changes nothing, for there is none before it.
    """

    largest_change: Decimal | None = None
    smallest_interval: timedelta | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Caps:
        """Read the caps of a definition; raises `InputInvalid` that names what cannot be one."""
        unknown = data.keys() - {LARGEST_CHANGE, SMALLEST_INTERVAL}
        if unknown:
            known = f"Use {LARGEST_CHANGE} or {SMALLEST_INTERVAL}"
            raise InputInvalid({f"caps.{name}": known for name in sorted(unknown)})
        change = _read(data, LARGEST_CHANGE, _CEILING)
        seconds = _read(data, SMALLEST_INTERVAL, Decimal(LONGEST_INTERVAL))
        return cls(change, None if seconds is None else timedelta(seconds=float(seconds)))

    def is_too_large(self, change: Decimal) -> bool:
        """Say whether a score must not change by so much at once."""
        return self.largest_change is not None and abs(change) > self.largest_change


NO_CAPS: Final = Caps()


def _read(data: Mapping[str, Any], name: str, ceiling: Decimal) -> Decimal | None:
    found = data.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise InputInvalid({f"caps.{name}": "Must be a number"})
    number = Decimal(repr(found))
    if not (number.is_finite() and 0 < number <= ceiling):
        raise InputInvalid({f"caps.{name}": f"Must be more than 0 and at most {ceiling:f}"})
    return number
