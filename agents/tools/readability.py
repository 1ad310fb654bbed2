"""Readability: how hard an English text is, and which of its sentences make it so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from agents import facts
from agents.parts import Cell, Point, Series
from agents.tables import Heading, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.layout import checklist, one_line
from agents.tools.words import sentences, words

READING_SPEED: Final = 238
"""Words that adults read in a minute: Brysbaert (2019), a meta-analysis of 190 studies of silent reading."""
FEW: Final = 100
"""Words below which the formulas are unsteady; Flesch (1948) takes samples of a hundred."""

_BE: Final = r"(?:am|is|are|was|were|be|been|being|gets?|got)"
_IRREGULAR: Final = (
    "been|born|bought|brought|built|caught|chosen|done|drawn|driven|eaten|felt|found|given|grown|held|hidden|kept|known|"
    "laid|led|left|lost|made|meant|met|paid|put|read|run|said|seen|sent|set|shown|sold|sought|spent|spoken|stolen|taken|"
    "taught|thought|thrown|told|understood|won|worn|written"
)
_PASSIVE: Final = re.compile(
    rf"\b{_BE}\b(?:\s+(?:not|also|often|never|always|already|[a-z]+ly)){{0,2}}\s+(?:[a-z]{{2,}}ed|{_IRREGULAR})\b", re.I
)
"""A form of be and a participle: a sign of the passive, not proof of it ("is interested" is marked as well)."""


class TextArgs(Args):
    """A text, and for whom it is."""

    text: str = Field(min_length=1, max_length=100_000, description="English text, plain")
    target_grade: float = Field(9, ge=1, le=18, description="School grade (US) that is enough to read it")
    longest_sentence: int = Field(25, ge=8, le=60, description="Words from which a sentence counts as long")


class Readability(ToolResult):
    """The scores that a later step may take."""

    grade: float
    word_count: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    number: int
    text: str
    length: int
    passive: str

    def marks(self, longest: int) -> str:
        found = ["long"] if self.length > longest else []
        return ", ".join([*found, *([f'passive: "{self.passive}"'] if self.passive else [])])


@tool(
    facts={
        "word_count": "count",
        "sentence_count": "count",
        "flesch": "number",
        "grade": "number",
        "fog": "number",
        "target_grade": "number",
        "grade_over": "number",
        "average_length": "number",
        "longest_length": "count",
        "longest_sentence": "text",
        "long_count": "count",
        "long_limit": "count",
        "passive_count": "count",
        "passive_share": "percent",
        "hard_share": "percent",
        "reading_minutes": "number",
        "few_words": "count",
    },
    parts={"scores": "table", "sentences": "table", "chart": "series", "to_do": "checklist"},
)
def readability(context: ToolContext, args: TextArgs) -> Readability:  # noqa: ARG001  # every tool takes its run
    """Measure an English text: Flesch, Flesch-Kincaid grade, Gunning fog; mark long sentences and the passive."""
    import textstat  # type: ignore[import-untyped]

    found = [_sentence(number, text) for number, text in enumerate(sentences(args.text), 1)]
    total = sum(item.length for item in found)
    if total < 5:
        raise ToolNeedsMore("text: it has hardly any words")
    joined = " ".join(_closed(item.text) for item in found)
    flesch = textstat.flesch_reading_ease(joined)
    # The formula goes below nought for very easy texts, where there is no grade.
    grade = max(textstat.flesch_kincaid_grade(joined), 0.0)
    fog, hard = textstat.gunning_fog(joined), textstat.polysyllabcount(joined)
    long = [item for item in found if item.length > args.longest_sentence]
    passive = [item for item in found if item.passive]
    longest = max(found, key=lambda item: item.length)
    made = [
        facts.count("word_count", "Words", total),
        facts.count("sentence_count", "Sentences", len(found)),
        facts.number("flesch", "Flesch reading ease", flesch, digits=1),
        facts.number("grade", "Flesch-Kincaid grade", grade, digits=1),
        facts.number("fog", "Gunning fog index", fog, digits=1),
        facts.number("target_grade", "Grade aimed at", args.target_grade, digits=1),
        facts.number("grade_over", "Grades above the aim", grade - args.target_grade, digits=1),
        facts.number("average_length", "Words in a sentence", total / len(found), digits=1),
        facts.count("longest_length", "Words of the longest sentence", longest.length),
        facts.text("longest_sentence", "The longest sentence", longest.text),
        facts.count("long_count", "Long sentences", len(long)),
        facts.count("long_limit", "Words from which a sentence is long", args.longest_sentence),
        facts.count("passive_count", "Sentences that look passive", len(passive)),
        facts.percent("passive_share", "Share of them", len(passive) / len(found) * 100, digits=0),
        facts.percent("hard_share", "Words of three or more syllables", hard / total * 100),
        facts.number("reading_minutes", "Minutes to read", total / READING_SPEED, digits=1),
    ]
    if total < FEW:
        made.append(facts.count("few_words", "Words of a short text", total))
    scores: list[dict[str, Cell]] = [
        {"score": fact.label, "value": fact.size} for fact in made if fact.unit in ("number", "count")
    ]
    marked = [item for item in found if item.marks(args.longest_sentence)]
    return Readability(
        source="input",
        grade=round(grade, 1),
        word_count=total,
        facts=made,
        parts={
            "scores": table("Scores", scores, score="Score", value=("Value", "number")),
            "sentences": table(
                "Sentences to look at",
                [_row(item, args.longest_sentence) for item in marked],
                currency=None,
                **_COLUMNS,
            ),
            "chart": Series(
                title="Words by sentence",
                form="bar",
                unit="words",
                points=[Point(x=str(item.number), y=item.length) for item in found[:200]],
            ),
            "to_do": checklist("Sentences to rewrite", _tasks(long, passive)),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "number": ("No.", "number"),
    "length": ("Words", "number"),
    "marks": "Marks",
    "text": "Sentence",
}


def _sentence(number: int, text: str) -> _Sentence:
    found = _PASSIVE.search(text)
    return _Sentence(number, text, len(words(text)), found[0] if found else "")


def _closed(text: str) -> str:
    """End a heading or list item like a sentence, so that formulas do not run it into the next."""
    return text if text[-1:] in ".!?\N{HORIZONTAL ELLIPSIS}\"')" else f"{text}."


def _row(item: _Sentence, longest: int) -> dict[str, Cell]:
    return {
        "number": item.number,
        "length": item.length,
        "marks": item.marks(longest),
        "text": one_line(item.text, 400),
    }


def _tasks(long: Sequence[_Sentence], passive: Sequence[_Sentence]) -> list[tuple[str, str]]:
    by_length = sorted(long, key=lambda item: -item.length)
    tasks = [(f"Split: {one_line(item.text, 140)}", f"It has {item.length} words") for item in by_length[:6]]
    return tasks + [
        (f"Say who does it: {one_line(item.text, 140)}", f'"{item.passive}" looks passive') for item in passive[:6]
    ]
