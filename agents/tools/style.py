"""Style: whether a text keeps to the house's words and tone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.parts import Draft, Point, Series
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools import findings
from agents.tools.findings import Finding, Severity
from agents.tools.layout import one_line
from agents.tools.words import sentences

Tone = Literal["positive", "neutral", "negative"]

CLEAR: Final = 0.05
"""Compound score of VADER beyond which a text counts as positive or negative (Hutto and Gilbert, 2014)."""
HARSH: Final = -0.5
"""A sentence below it is plainly negative."""
_CONTRACTED: Final = re.compile(
    r"\b(?:[a-z]+n['\u2019]t|[a-z]+['\u2019](?:re|ve|ll|d|m)|(?:it|that|there|here|what|who|he|she|let)['\u2019]s)\b",
    re.I,
)

Phrase = Annotated[str, Field(min_length=1, max_length=80)]


class Preference(BaseModel):
    """A word that the house writes in another way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    avoid: Phrase
    use: Phrase


class StyleArgs(Args):
    """A text and the rules of the house."""

    text: str = Field(min_length=1, max_length=60_000, description="English text, plain")
    banned: list[Phrase] = Field(default_factory=list, max_length=200, description="Words that must not be used")
    preferred: list[Preference] = Field(default_factory=list, max_length=200, description="What to write instead")
    tone: Tone | None = Field(None, description="The tone that the text should have")
    has_contractions: bool = Field(True, description='Whether forms like "don\'t" may stand')
    most_exclamations: int = Field(1, ge=0, le=50, description="Exclamation marks that may stand")


class Style(ToolResult):
    """What breaks a rule."""

    findings: list[Finding]


@tool(
    facts={
        **findings.FACTS,
        "sentence_count": "count",
        "banned_count": "count",
        "banned_word": "text",
        "preferred_count": "count",
        "tone": "text",
        "tone_score": "number",
        "missed_tone": "text",
        "harsh_count": "count",
        "harshest": "text",
        "exclamation_count": "count",
    },
    parts={"findings": "table", "chart": "series", "corrected": "draft", "to_do": "checklist"},
)
def style_check(context: ToolContext, args: StyleArgs) -> Style:  # noqa: ARG001  # every tool takes its run
    """Check a text against house rules (banned and preferred words, contractions, capitals) and its tone by VADER."""
    lines = sentences(args.text)
    if not lines:
        raise ToolNeedsMore("text: it has no words")
    scores = _scores(lines)
    overall = sum(scores) / len(scores)
    tone: Tone = "positive" if overall >= CLEAR else "negative" if overall <= -CLEAR else "neutral"
    harsh = sorted((score, number) for number, score in enumerate(scores) if score <= HARSH)
    found = [item for number, line in enumerate(lines, 1) for item in _line_faults(args, number, line)]
    if (count := args.text.count("!")) > args.most_exclamations:
        words = f"There are {count} exclamation marks; {args.most_exclamations} may stand"
        found.append(_finding("note", "Exclamation", "text", words, "End sentences with a full stop"))
    missed = args.tone if args.tone != tone else None
    if missed:
        words = f"The tone is {tone}; it should be {missed}"
        found.append(_finding("warning", "Tone", "text", words, "Rewrite the sentences that pull the tone away"))
    found = findings.ordered(found)
    banned = [item for item in found if item.check == _BANNED]
    made = [
        *findings.counted(found),
        facts.count("sentence_count", "Sentences", len(lines)),
        facts.count("banned_count", "Banned words", len(banned)),
        facts.count(
            "preferred_count", "Words that the house writes otherwise", sum(i.check == _PREFERRED for i in found)
        ),
        facts.text("tone", "Tone", tone),
        facts.number("tone_score", "Average score of the tone, from -1 to 1", overall),
        facts.count("harsh_count", "Plainly negative sentences", len(harsh)),
        facts.count("exclamation_count", "Exclamation marks", count),
    ]
    made += [facts.text("banned_word", "A banned word", item.finding.split('"')[1]) for item in banned[:1]]
    made += [facts.text("harshest", "The most negative sentence", lines[number]) for _, number in harsh[:1]]
    if missed:
        made.append(facts.text("missed_tone", "Tone that is wanted and missed", missed))
    return Style(
        source="input",
        findings=found[:200],
        facts=made,
        parts={
            "findings": findings.as_table("What breaks a rule, the gravest in front", found),
            "chart": Series(
                title="Tone by sentence",
                unit="score",
                points=[Point(x=str(number), y=round(score, 3)) for number, score in enumerate(scores[:300], 1)],
            ),
            "corrected": Draft(title="Text with the house's words", text=_corrected(args)),
            "to_do": findings.as_checklist("What to change", found),
        },
    )


_BANNED, _PREFERRED = "Banned word", "House word"


def _scores(lines: Sequence[str]) -> list[float]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

    analyzer = SentimentIntensityAnalyzer()
    return [float(analyzer.polarity_scores(line)["compound"]) for line in lines]


@lru_cache(maxsize=1000)
def _pattern(phrase: str) -> re.Pattern[str]:
    """Give a pattern that finds a phrase as whole words, whatever the case and the spaces between."""
    inner = r"\s+".join(re.escape(part) for part in phrase.split())
    return re.compile(rf"(?<!\w){inner}(?!\w)", re.I)


def _line_faults(args: StyleArgs, number: int, line: str) -> Iterator[Finding]:
    place = f"Sentence {number}: {one_line(line, 120)}"
    for word in args.banned:
        if _pattern(word).search(line):
            yield _finding("serious", _BANNED, place, f'"{word}" is banned', f'Take "{word}" out')
    for item in args.preferred:
        if _pattern(item.avoid).search(line):
            words, remedy = f'"{item.avoid}" is not the house\'s word', f'Write "{item.use}" for "{item.avoid}"'
            yield _finding("warning", _PREFERRED, place, words, remedy)
    if not args.has_contractions and (contracted := _CONTRACTED.search(line)):
        words = f'"{contracted[0]}" is a contraction'
        yield _finding("note", "Contraction", place, words, "Write the words of a contraction in full")
    if shouted := [word for word in re.findall(r"\b[A-Z]{5,}\b", line) if word.isalpha()]:
        yield _finding("note", "Capitals", place, f'"{shouted[0]}" shouts', "Write capitals for names only")


def _finding(severity: Severity, check: str, place: str, finding: str, remedy: str) -> Finding:
    return Finding(severity=severity, check=check, place=place, finding=finding, remedy=remedy)


def _corrected(args: StyleArgs) -> str:
    """Put the house's words in, with a capital where the text has one; banned words stay for a person to replace."""
    text = args.text
    for item in args.preferred:
        text = _pattern(item.avoid).sub(partial(_cased, item.use), text)
    return text


def _cased(use: str, written: re.Match[str]) -> str:
    return use[:1].upper() + use[1:] if written[0][:1].isupper() else use
