"""Rules on tickets: words that tell a category, and signs that one presses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Priority = Literal["urgent", "high", "normal", "low"]


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{text})\b", re.IGNORECASE)


_CATEGORIES: Final = {
    "access": _words(r"log ?in|password|sign(?:ed)? ?in|locked out|two.factor|2fa|account|access|verification"),
    "billing": _words(r"invoice\w*|bill\w*|charg\w+|refund\w*|payment\w*|card|price|vat|subscription|receipt"),
    "fault": _words(r"error\w*|bug\w*|crash\w*|broken|not work\w*|fail\w*|slow|down|outage|timeout|blank|stuck"),
    "delivery": _words(r"deliver\w*|shipp\w+|parcel|package|tracking|courier|arriv\w+"),
    "how-to": _words(r"how (?:do|can|to)|where (?:do|can)|is it possible|explain|guide|instructions|set ?up"),
    "complaint": _words(r"complain\w*|unacceptable|disappoint\w*|terrible|worst|rude|unhappy"),
    "leaving": _words(r"cancel\w*|close my account|leaving|switch to|competitor|terminate"),
}
OTHER: Final = "other"
"""The category of what no rule knows."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A reason to hurry, with its weight."""

    reason: str
    points: int
    pattern: re.Pattern[str]


_SIGNS: Final = tuple(
    Sign(reason, points, _words(words))
    for reason, points, words in (
        ("data or security at risk", 5, r"data (?:breach|leak|loss)|hacked|security|unauthori[sz]ed|phishing"),
        ("nobody can work", 5, r"everyone|all (?:users|staff|customers)|whole (?:team|company)|nobody can|outage"),
        ("the site is down", 5, r"(?:site|shop|page|app) (?:is|has been|went) (?:down|offline)"),
        ("money is lost", 4, r"charged twice|double.charged|losing (?:sales|money|orders)|checkout fails|cannot pay"),
        ("a deadline is near", 3, r"today|tonight|tomorrow|within the hour|deadline"),
        ("legal step is announced", 3, r"lawyer|legal action|ombudsman|regulator|gdpr"),
        ("asked before", 2, r"again|still (?:not|no|waiting)|(?:second|third) time|no (?:reply|answer|response)"),
        ("calls itself urgent", 1, r"urgent\w*|asap|immediately"),
        ("wants to leave", 2, r"cancel\w*|close my account|switch to|terminate"),
    )
)
"""What makes a ticket press; its points add up."""
_BOUNDS: Final[tuple[tuple[int, Priority], ...]] = ((5, "urgent"), (3, "high"), (1, "normal"))


def signs_in(text: str) -> list[Sign]:
    """Give the signs that are in the text, the heaviest before the others."""
    return sorted((sign for sign in _SIGNS if sign.pattern.search(text)), key=lambda sign: -sign.points)


def priority_of(points: int) -> Priority:
    """Give the priority that so many points make."""
    return next((name for bound, name in _BOUNDS if points >= bound), "low")


def category_of(text: str) -> str:
    """Give the category whose words are the most in the text."""
    hits = {name: len(pattern.findall(text)) for name, pattern in _CATEGORIES.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] else OTHER
