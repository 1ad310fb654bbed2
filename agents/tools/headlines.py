"""Headlines: which of several is the clearest by its form, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.tables import Heading, Row, bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.layout import checklist
from agents.tools.snippets import has_phrase
from agents.tools.widths import TITLE_PIXELS, title_pixels
from agents.tools.words import FUNCTION_WORDS, words

GOOD_LENGTH: Final = range(5, 14)
"""Words of a headline that is neither a label nor a paragraph: the usual advice of editors, not a law."""
ALIKE: Final = 85
"""Likeness (rapidfuzz token sort ratio, of 100) from which two headlines test the same idea."""

_USEFUL: Final = frozenset(
    {
        "how",
        "why",
        "what",
        "guide",
        "checklist",
        "steps",
        "tips",
        "ways",
        "mistakes",
        "examples",
        "explained",
        "lessons",
    }
)
_EMPTY: Final = frozenset(
    {"amazing", "shocking", "unbelievable", "insane", "ultimate", "revolutionary", "incredible", "epic", "secret"}
)
_BAIT: Final = re.compile(r"you won.t believe|what happened next|this one (weird )?trick|will blow your mind", re.I)

Line = Annotated[str, Field(min_length=3, max_length=300)]


class HeadlineArgs(Args):
    """The candidates, and the phrase that the text is to be found for."""

    headlines: list[Line] = Field(min_length=2, max_length=40, description="Candidates for one text")
    phrase: str = Field("", max_length=100, description="Phrase that the text is to be found for")


class Scored(ToolResult):
    """The candidates, the best in front."""

    ranking: list[str]


@dataclass(frozen=True, slots=True)
class _Feature:
    """A point that speaks for or against a headline."""

    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    features: tuple[_Feature, ...]

    @property
    def score(self) -> int:
        """Points of 100: 50 for a plain headline, more or less by its features."""
        return max(0, min(100, 50 + sum(item.points for item in self.features)))

    def reasons(self, sign: int) -> str:
        return "; ".join(item.reason for item in self.features if item.points * sign > 0)


@tool(
    facts={
        "candidate_count": "count",
        "best": "text",
        "best_score": "count",
        "best_reason": "text",
        "best_words": "count",
        "worst": "text",
        "worst_score": "count",
        "worst_reason": "text",
        "lead": "count",
        "fitting_count": "count",
        "twin_count": "count",
        "twin_one": "text",
        "twin_other": "text",
    },
    parts={"ranking": "table", "chart": "series", "to_do": "checklist"},
)
def headline_test(context: ToolContext, args: HeadlineArgs) -> Scored:  # noqa: ARG001  # every tool takes its run
    """Rank headlines by their form: length, width, phrase, clarity, emptiness, shouting; and find near duplicates.

    The points compare form; they do not foretell clicks, which only a test with readers shows.
    """
    candidates = [_Candidate(text, tuple(_features(text, args.phrase))) for text in dict.fromkeys(args.headlines)]
    ranked = sorted(candidates, key=lambda item: (-item.score, len(item.text), item.text))
    twins = _twins([item.text for item in candidates])
    best, worst = ranked[0], ranked[-1]
    made = [
        facts.count("candidate_count", "Headlines", len(ranked)),
        facts.text("best", "Clearest headline", best.text),
        facts.count("best_score", "Its points of a hundred", best.score),
        facts.count("best_words", "Its words", len(words(best.text))),
        facts.text("worst", "Weakest headline", worst.text),
        facts.count("worst_score", "Its points of a hundred", worst.score),
        facts.count(
            "lead", "Points between the clearest and the next", best.score - ranked[1].score if ranked[1:] else 0
        ),
        facts.count("fitting_count", "Headlines that results show whole", sum(_fits(item.text) for item in ranked)),
        facts.count("twin_count", "Pairs that test the same idea", len(twins)),
    ]
    made += [facts.text("best_reason", "What speaks for it", reason) for reason in [best.reasons(1)] if reason]
    made += [facts.text("worst_reason", "What speaks against it", reason) for reason in [worst.reasons(-1)] if reason]
    for one, other in twins[:1]:
        made += [facts.text("twin_one", "A headline", one), facts.text("twin_other", "and its near copy", other)]
    return Scored(
        source="input",
        ranking=[item.text for item in ranked],
        facts=made,
        parts={
            "ranking": table(
                "Headlines, the clearest in front", [_row(item) for item in ranked], currency=None, **_COLUMNS
            ),
            "chart": bars("Points by headline", [(item.text, item.score) for item in ranked], "points"),
            "to_do": checklist("How to sharpen them", _tasks(ranked, twins)),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "headline": "Headline",
    "score": ("Points", "number"),
    "words": ("Words", "number"),
    "pixels": ("Pixels", "number"),
    "plus": "Speaks for it",
    "minus": "Speaks against it",
}


def _features(text: str, phrase: str) -> list[_Feature]:
    tokens = words(text)
    made = []
    if len(tokens) in GOOD_LENGTH:
        made.append(_Feature(10, "a good length"))
    else:
        made.append(_Feature(-10, "too short to say what it is" if len(tokens) < GOOD_LENGTH.start else "too long"))
    if not _fits(text):
        made.append(_Feature(-10, "cut in search results"))
    if any(sign.isdigit() for sign in text):
        made.append(_Feature(10, "a figure promises something definite"))
    if _USEFUL & set(tokens) or text.rstrip().endswith("?"):
        made.append(_Feature(10, "says what the reader gets"))
    if phrase:
        if not has_phrase(text, phrase):
            made.append(_Feature(-15, "does not name the phrase"))
        else:
            is_early = " ".join(tokens).index(" ".join(words(phrase))) <= len(" ".join(tokens)) / 2
            made.append(_Feature(15 if is_early else 10, "names the phrase" + (" early" if is_early else "")))
    if empty := sorted(_EMPTY & set(tokens)):
        made.append(_Feature(-10, f'empty praise: "{empty[0]}"'))
    if _BAIT.search(text):
        made.append(_Feature(-20, "bait that readers distrust"))
    if "!" in text or _shouts(text):
        made.append(_Feature(-10, "shouts"))
    if tokens and sum(word in FUNCTION_WORDS for word in tokens) / len(tokens) > 0.6:
        made.append(_Feature(-5, "hardly a word that names the subject"))
    return made


def _fits(text: str) -> bool:
    return title_pixels(text) <= TITLE_PIXELS


def _shouts(text: str) -> bool:
    return sum(len(word) > 3 and word.isupper() for word in text.split()) >= 2


def _twins(texts: Sequence[str]) -> list[tuple[str, str]]:
    from rapidfuzz.fuzz import token_sort_ratio
    from rapidfuzz.utils import default_process

    return [
        (one, other)
        for one, other in combinations(texts, 2)
        if token_sort_ratio(one, other, processor=default_process, score_cutoff=ALIKE)
    ]


def _row(item: _Candidate) -> Row:
    return {
        "headline": item.text,
        "score": item.score,
        "words": len(words(item.text)),
        "pixels": title_pixels(item.text),
        "plus": item.reasons(1),
        "minus": item.reasons(-1),
    }


def _tasks(ranked: Sequence[_Candidate], twins: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    tasks = [(f'Rework "{item.text}"', item.reasons(-1)) for item in ranked if item.reasons(-1)][:6]
    return tasks + [(f'Drop either "{one}" or "{other}"', "They test the same idea") for one, other in twins[:3]]
