"""Kinds of notices, as data: what each is about, and where it is told to somebody who has not chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["unlock", "rank_change", "conversion", "reward", "hold", "season", "system", "campaign"]


@dataclass(frozen=True, slots=True)
class Channels:
    """Where a member is told of a kind."""

    in_app: bool
    by_mail: bool

    @property
    def is_silent(self) -> bool:
        """Whether the member does not want to hear of it at all."""
        return not self.in_app and not self.by_mail


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind in words, with its defaults."""

    label: str
    text: str
    defaults: Channels


_HERE: Final = Channels(in_app=True, by_mail=False)
_HERE_AND_BY_MAIL: Final = Channels(in_app=True, by_mail=True)

KINDS: Final[dict[Kind, KindSpec]] = {
    "unlock": KindSpec("Achievements", "You unlocked an achievement.", _HERE),
    "rank_change": KindSpec("Rank changes", "You moved on a leaderboard.", _HERE),
    "conversion": KindSpec("Conversions", "Somebody you referred became a customer.", _HERE),
    "reward": KindSpec("Rewards", "You earned a reward, or one became payable.", _HERE_AND_BY_MAIL),
    "hold": KindSpec("Holds", "A conversion or a reward waits for a review.", _HERE_AND_BY_MAIL),
    "season": KindSpec("Seasons", "A season began or ended.", _HERE),
    "system": KindSpec("Your account", "News about the platform and your account.", _HERE),
    "campaign": KindSpec("Campaigns", "News and offers of your organisation.", _HERE_AND_BY_MAIL),
}
"""In the order in which they are shown. By mail only what is about money, which concerns people who are not here, and
what the organisation itself writes to its people: each such mail carries the link that stops them."""
