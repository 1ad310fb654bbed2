"""Briefs: what a writer needs to know before writing for a set of searches."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.parts import Draft
from agents.tables import Heading, Row, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.keywords import Cluster, intent_of
from agents.tools.layout import checklist, markdown, one_line
from agents.tools.widths import TITLE_PIXELS, title_pixels

MOST_SECTIONS: Final = 8
"""Sections of a text; with more it is better cut into several."""
WORDS_OF_A_SECTION: Final = 180
"""Words that a section takes in general: what is planned with where no competitor's length is known."""


class BriefArgs(Args):
    """The subject, its clusters of searches, and what is known of reader and competition."""

    topic: str = Field(min_length=3, max_length=150, description="What the text is about")
    clusters: list[Cluster] = Field(min_length=1, max_length=500)
    audience: str = Field("", max_length=200, description="For whom it is")
    goal: str = Field("", max_length=200, description="What the reader should do next")
    rival_lengths: list[Annotated[int, Field(ge=50, le=50_000)]] = Field(
        default_factory=list, max_length=30, description="Words of the pages that rank today"
    )


class Brief(ToolResult):
    """The sections of the text."""

    sections: list[str]


@tool(
    facts={
        "topic": "text",
        "main_phrase": "text",
        "main_volume": "count",
        "section_count": "count",
        "question_count": "count",
        "covered_volume": "count",
        "covered_share": "percent",
        "left_count": "count",
        "word_target": "count",
        "rival_count": "count",
        "shortest_rival": "count",
        "longest_rival": "count",
        "title_width": "count",
    },
    parts={"outline": "table", "brief": "draft", "to_do": "checklist"},
)
def content_brief(context: ToolContext, args: BriefArgs) -> Brief:  # noqa: ARG001  # every tool takes its run
    """Write a brief from clusters of searches: main phrase, sections, questions, length, and what to check."""
    if not args.topic.strip():
        raise ToolNeedsMore("topic: it is empty")
    main, *others = args.clusters
    sections = others[: MOST_SECTIONS - 1]
    covered, left = [main, *sections], others[MOST_SECTIONS - 1 :]
    questions = [phrase for item in covered for phrase in item.phrases if intent_of(phrase) == "question"]
    total, kept = sum(item.volume for item in args.clusters), sum(item.volume for item in covered)
    target = _target(args.rival_lengths, len(covered))
    title = _title(args.topic, main.name)
    made = [
        facts.text("topic", "Subject", args.topic),
        facts.text("main_phrase", "Main phrase", main.name),
        facts.count("main_volume", "Searches a month of its cluster", main.volume),
        facts.count("section_count", "Sections", len(covered)),
        facts.count("question_count", "Questions to answer", len(questions)),
        facts.count("covered_volume", "Searches a month that the text covers", kept),
        facts.count("left_count", "Clusters for other texts", len(left)),
        facts.count("word_target", "Words to aim at", target),
        facts.count("rival_count", "Ranking pages whose length is known", len(args.rival_lengths)),
        facts.count("title_width", "Width of the working title in pixels", title_pixels(title)),
    ]
    if total:
        made.append(facts.percent("covered_share", "Share of all searches", kept / total * 100, digits=0))
    if args.rival_lengths:
        made.append(facts.count("shortest_rival", "Words of the shortest ranking page", min(args.rival_lengths)))
        made.append(facts.count("longest_rival", "Words of the longest ranking page", max(args.rival_lengths)))
    rows: list[Row] = [
        {
            "section": place,
            "heading": _heading(item),
            "volume": item.volume,
            "words": round(target / len(covered)),
            "phrases": ", ".join(item.phrases),
        }
        for place, item in enumerate(covered, 1)
    ]
    return Brief(
        source="input",
        sections=[_heading(item) for item in covered],
        facts=made,
        parts={
            "outline": table("Outline", rows, currency=None, **_COLUMNS),
            "brief": Draft(
                title="Content brief", format="markdown", text=_draft(args, title, covered, questions, target)
            ),
            "to_do": checklist("Before the text is ordered", _tasks(args, title, left)),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "section": ("No.", "number"),
    "heading": "Heading",
    "volume": ("Searches a month", "number"),
    "words": ("Words", "number"),
    "phrases": "Phrases to use",
}


def _target(rivals: Sequence[int], sections: int) -> int:
    """Give the median length of the ranking pages, or a length by sections, rounded to fifty."""
    plain = median(rivals) if rivals else sections * WORDS_OF_A_SECTION
    return max(50, round(plain / 50) * 50)


def _title(topic: str, phrase: str) -> str:
    named = phrase.lower() in topic.lower()
    return one_line(topic if named else f"{_heading_of(phrase)}: {topic}", 200)


def _heading(cluster: Cluster) -> str:
    text = _heading_of(cluster.name)
    return f"{text}?" if cluster.intent == "question" and not text.endswith("?") else text


def _heading_of(phrase: str) -> str:
    line = one_line(phrase)
    return line[:1].upper() + line[1:]


def _draft(args: BriefArgs, title: str, covered: Sequence[Cluster], questions: Sequence[str], target: int) -> str:
    lines = [
        f"# {markdown(title)}",
        "",
        f"- Main phrase: {markdown(covered[0].name)}",
        f"- Length: about {target} words",
    ]
    lines += [f"- Reader: {markdown(args.audience)}"] if args.audience.strip() else []
    lines += [f"- Next step for the reader: {markdown(args.goal)}"] if args.goal.strip() else []
    for item in covered:
        lines += ["", f"## {markdown(_heading(item))}", "", f"Use: {', '.join(markdown(p) for p in item.phrases)}"]
    if questions:
        lines += ["", "## Questions to answer", "", *(f"- {markdown(text)}" for text in questions)]
    return "\n".join(lines)


def _tasks(args: BriefArgs, title: str, left: Sequence[Cluster]) -> list[tuple[str, str]]:
    tasks = []
    if not args.rival_lengths:
        tasks.append(("Count the words of the pages that rank today", "The length is planned by sections only"))
    if not args.audience.strip():
        tasks.append(("Say for whom the text is", "A writer needs a reader"))
    if not args.goal.strip():
        tasks.append(("Say what the reader should do next", "A text without a next step ends nowhere"))
    if title_pixels(title) > TITLE_PIXELS:
        tasks.append(("Shorten the working title", "Search results would cut it"))
    return tasks + [
        (f'Plan a text of its own for "{item.name}"', f"{item.volume} searches a month") for item in left[:5]
    ]
