"""The language of triggers: a sentence such as "win 5 leads within a week" becomes a rule, by a fixed grammar. Pure.

It knows event words, counts, sums of points, streaks, windows, and `and`/`or`. What it does not understand it names;
it never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "task.completed": ("task", "todo", "to-do"),
    "wizard.completed": ("wizard",),
    "social.posted": ("post", "social post", "tweet"),
    "content.published": ("article", "content", "blog post", "piece of content", "pieces of content", "page"),
    "order.completed": ("order", "sale", "purchase"),
    "lead.won": ("lead", "deal"),
    "review.received": ("review", "rating"),
    "campaign.launched": ("campaign",),
    "campaign.completed": ("completed campaign", "finished campaign"),
    "referral.signed_up": ("sign-up", "signup", "sign up"),
    "referral.approved": ("referral", "referred friend", "approved referral"),
    "member.signed_in": ("login", "log-in", "sign-in", "session"),
    "achievement.unlocked": ("achievement", "badge"),
    "leaderboard.podium": ("podium",),
}
"""Event types with the words by which people call one of them."""

CATEGORIES: Final[dict[str, str]] = {
    "social.posted": "social",
    "content.published": "content",
    "order.completed": "commerce",
    "lead.won": "campaigns",
    "campaign.launched": "campaigns",
    "campaign.completed": "campaigns",
    "referral.signed_up": "referrals",
    "referral.approved": "referrals",
    "leaderboard.podium": "leaderboard",
}
"""Where an achievement on such an event belongs; anything else is a matter of loyalty."""

_COUNTED: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_ARTICLES: Final = {"a": 1, "an": 1, "once": 1}
_NUMBERS: Final = (
    {word: number for number, word in enumerate(_COUNTED.split(), start=1)}
    | _ARTICLES
    | {"twice": 2, "dozen": 12, "thirty": 30, "fifty": 50, "hundred": 100}
)
_IN_A: Final = r"\b(?:within|in|during|over|per|every|each|this)?\s*(?:a |one |the |single |same )*"
_WINDOWS: Final = (
    (rf"{_IN_A}(?:day|today)\b|\bdaily\b", "day"),
    (rf"{_IN_A}week\b|\bweekly\b", "week"),
    (rf"{_IN_A}month\b|\bmonthly\b", "month"),
)
_DIGITS: Final = r"(?<![\d.,])(?:\d{1,3}(?:[.,]\d{3})+|\d+)(?![.,]?\d)"
"""A whole number, in groups of three or not; 1.5 is none."""
_AMOUNT: Final = rf"(?P<number>{_DIGITS}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_STREAK: Final = re.compile(rf"\b(?:for |on )?{_AMOUNT}\s+(?:days?\s+(?:in a row|running|straight)|consecutive days)\b")
_POINTS: Final = re.compile(rf"\b{_AMOUNT}\s+points?\b")
_COUNT: Final = re.compile(rf"\b{_AMOUNT}\b")
_WORD: Final = re.compile(r"[a-z][a-z'-]+|\d+(?:[.,]\d+)*")
_GRAMMAR: Final = (
    "who whoever anyone everybody everyone member members someone somebody that which with of for the to at least or "
    "more within in during over on per every each this same single must should have has be been is and award badge "
    "achievement when if they their you your we our it by from all time new then please for people person want would "
    "like day days week month row straight running consecutive point points daily weekly monthly today also as well"
)
_VERBS: Final = (
    "give gives get gets win wins won complete completes completed finish finishes finished publish publishes "
    "published write writes written launch launches launched receive receives received bring brings brought earn earns "
    "earned reach reaches reached make makes made sign signs signed do does done sell sells sold close closes closed "
    "collect collects collected unlock unlocks unlocked post posts approved create creates"
)
_FILLER: Final = frozenset(f"{_GRAMMAR} {_VERBS}".split())
_A_DOZEN: Final = re.compile(r"\b(?:an?|one) (?=(?:dozen|hundred)\b)")
_SPLIT: Final = re.compile(r"\s*(?:,\s*and\s+|\band also\b|\bas well as\b|\bplus\b|\band\b)\s*")
_EITHER: Final = re.compile(r"\s*(?:,\s*or\s+|\bor else\b|\bor(?! more)\b)\s*")
_LONGEST_STREAK: Final = {"week": 7, "month": 31, "all": 3653}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, as the trigger's leaf, with the words it came from."""

    words: str
    leaf: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence says: conditions (all of them, or any), and the words that were not understood."""

    conditions: list[Condition] = field(default_factory=list)
    is_either: bool = False
    unknown: list[str] = field(default_factory=list)

    @property
    def trigger(self) -> dict[str, Any] | None:
        """The rule, None where no condition was understood."""
        leaves = [condition.leaf for condition in self.conditions]
        if not leaves:
            return None
        if len(leaves) == 1:
            return leaves[0]
        return {"any_of" if self.is_either else "all_of": leaves}


def read(sentence: str) -> Reading:
    """Read a sentence; parts joined by `and` must all hold, by `or` any of them."""
    text = _A_DOZEN.sub("", " ".join(sentence.casefold().split()))
    parts, is_either = [item for item in _EITHER.split(text) if item], True
    if len(parts) < 2:
        parts, is_either = [item for item in _SPLIT.split(text) if item], False
    conditions: list[Condition] = []
    unknown: list[str] = []
    for part in parts:
        condition = _condition(part)
        if condition is not None:
            conditions.append(condition)
        unknown += _not_understood(part, is_condition=condition is not None)
    return Reading(conditions, is_either and len(conditions) > 1, list(dict.fromkeys(unknown)))


def find_event(text: str) -> str | None:
    """Give the event type that a text speaks of; the longest word that names one decides."""
    named = [(len(word), kind) for kind, words in EVENTS.items() for word in words if _names(word, text)]
    return max(named)[1] if named else None


def find_window(text: str) -> str:
    """Give the window that a text speaks of, `all` for none."""
    return next((window for pattern, window in _WINDOWS if re.search(pattern, text)), "all")


def _condition(part: str) -> Condition | None:
    event = find_event(part)
    streak = _STREAK.search(part)
    rest = _STREAK.sub(" ", part)
    if streak:
        window = find_window(rest)
        days = _number(streak["number"])
        window = window if days <= _LONGEST_STREAK.get(window, 0) else "all"
        return Condition(part, _leaf(event or "*", "streak", days, window))
    points = _POINTS.search(rest)
    if points:
        leaf = _leaf(event or "*", "sum", _number(points["number"]), find_window(rest))
        return Condition(part, {**leaf, "field": "value"})
    if event is None:
        return None
    counted = _COUNT.search(_without_window(rest))
    return Condition(part, _leaf(event, "count", _number(counted["number"]) if counted else 1, find_window(rest)))


def _leaf(event: str, aggregate: str, threshold: float, window: str) -> dict[str, Any]:
    leaf: dict[str, Any] = {"event": event, "aggregate": aggregate, "threshold": threshold}
    return leaf if window == "all" else {**leaf, "window": window}


def _without_window(text: str) -> str:
    """Give the text without its window: "in a week" holds no count."""
    for pattern, _ in _WINDOWS:
        text = re.sub(pattern, " ", text)
    return text


def _number(text: str) -> int:
    return _NUMBERS[text] if text in _NUMBERS else int(re.sub(r"[.,]", "", text))


def _names(word: str, text: str) -> bool:
    plural = rf"{re.escape(word)}(?:s|es)?"
    return re.search(rf"\b{plural}\b", text) is not None


def _not_understood(part: str, *, is_condition: bool) -> Iterable[str]:
    """Give the words that mean nothing here, and the numbers beyond the one that a condition has."""
    known = {piece for words in EVENTS.values() for word in words for piece in word.split()}
    numbers = 0
    for word in _WORD.findall(_without_window(_STREAK.sub(" ", part))):
        if word in _ARTICLES or word in known or word.rstrip("s") in known or word in _FILLER:
            continue
        is_number = word in _NUMBERS or re.fullmatch(_DIGITS, word) is not None
        numbers += is_number
        if not is_number or not is_condition or numbers > 1:
            yield word
