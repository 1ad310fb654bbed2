"""FAQ gaps: what customers ask that the list of answers does not cover.

Questions are compared with each entry by the cosine of TF-IDF vectors over words and letter groups, which forgives
inflection and typing errors. What no entry covers is gathered by average-linkage clustering (scikit-learn); a cluster
is named by its medoid, the question nearest to all others of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Draft
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_COVERED: Final = 0.22
"""Cosine from which an entry answers a question, by its question alone or with its answer, whichever is nearer."""
_APART: Final = 0.75
"""Cosine distance at which clusters are no longer joined."""

Question = Annotated[str, Field(min_length=3, max_length=500)]


class FaqEntry(BaseModel):
    """An entry of the list of answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Question
    answer: str = Field("", max_length=5000)


class FaqGapArgs(Args):
    """What was asked, and what is answered already."""

    questions: Annotated[list[Question], Field(min_length=3, max_length=1000, description="As customers wrote them")]
    faq: Annotated[list[FaqEntry], Field(max_length=300)] = Field(default_factory=list)


class Gap(BaseModel):
    """Questions about the same thing that no entry answers."""

    model_config = ConfigDict(frozen=True)

    question: str
    asked: int
    others: list[str]


class FaqGaps(ToolResult):
    """The gaps, the most asked first."""

    gaps: list[Gap]


@tool(
    facts={
        "questions_read": "count",
        "entries": "count",
        "covered_count": "count",
        "covered_share": "percent",
        "gap_count": "count",
        "largest_gap": "text",
        "largest_gap_asked": "count",
        "repeated_gaps": "count",
        "unused_count": "count",
        "busiest_entry": "text",
        "busiest_entry_asked": "count",
    },
    parts={"gaps": "table", "entries": "table", "demand": "series", "outline": "draft"},
)
def faq_gap_find(context: ToolContext, args: FaqGapArgs) -> FaqGaps:
    """Find the questions that the list of answers does not cover, gathered by what they are about."""
    import numpy as np

    del context
    asked_count, entry_count = len(args.questions), len(args.faq)
    whole = [f"{item.question} {item.answer}" for item in args.faq]
    vectors = _vectors([*args.questions, *(item.question for item in args.faq), *whole])
    asked, entries = vectors[:asked_count], vectors[asked_count:]
    answered_by: list[int | None] = [None] * len(args.questions)
    if args.faq:
        both = (asked @ entries.T).toarray()
        likeness = np.maximum(both[:, :entry_count], both[:, entry_count:])
        answered_by = [int(row.argmax()) if row.max() >= _COVERED else None for row in likeness]
    open_rows = [number for number, entry in enumerate(answered_by) if entry is None]
    gaps = _gather([args.questions[number] for number in open_rows], asked[open_rows])
    uses = [answered_by.count(number) for number in range(len(args.faq))]
    by_use = sorted(range(len(args.faq)), key=lambda number: -uses[number])
    entry_rows: list[dict[str, Cell]] = [{"question": args.faq[n].question, "asked": uses[n]} for n in by_use]
    return FaqGaps(
        source="input",
        gaps=gaps,
        facts=_facts(args, gaps, len(args.questions) - len(open_rows), uses),
        parts={
            "gaps": table(
                "Questions without an answer, the most asked first",
                [{"question": gap.question, "asked": gap.asked, "others": " | ".join(gap.others[:3])} for gap in gaps],
                question="Question",
                asked=("Asked", "number"),
                others="Also worded as",
            ),
            "entries": table(
                "Entries and how often they were needed", entry_rows, question="Entry", asked=("Asked", "number")
            ),
            "demand": bars("Most asked without an answer", [(g.question, float(g.asked)) for g in gaps[:10]], "times"),
            "outline": Draft(title="Entries to write", format="markdown", text=_outline(gaps)),
        },
    )


def _vectors(texts: list[str]) -> Any:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.preprocessing import normalize  # type: ignore[import-untyped]

    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(texts)
    try:
        words = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(texts)
    except ValueError:  # no word is left but stop words
        return letters.tocsr()
    return normalize(hstack([letters, words * 1.5])).tocsr()


def _gather(questions: list[str], vectors: Any) -> list[Gap]:
    from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]

    if len(questions) < 2:
        return [Gap(question=item, asked=1, others=[]) for item in questions]
    likeness = (vectors @ vectors.T).toarray()
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=_APART
    )
    labels = clustering.fit_predict((1 - likeness).clip(min=0)).tolist()
    gaps = []
    for label in sorted(set(labels)):
        members = [number for number, item in enumerate(labels) if item == label]
        medoid = max(members, key=lambda number: likeness[number, members].sum())
        others = list(dict.fromkeys(questions[number] for number in members if number != medoid))
        gaps.append(Gap(question=questions[medoid], asked=len(members), others=others))
    return sorted(gaps, key=lambda gap: (-gap.asked, gap.question))


def _facts(args: FaqGapArgs, gaps: list[Gap], covered: int, uses: list[int]) -> list[Fact]:
    made = [
        things("questions_read", "Questions read", len(args.questions), "question"),
        things("entries", "Entries of the FAQ", len(args.faq), "entry", "entries"),
        things("covered_count", "Questions that an entry answers", covered, "question"),
        facts.percent("covered_share", "Share of them", covered / len(args.questions) * 100, digits=0),
        things("gap_count", "Topics without an answer", len(gaps), "topic"),
        things("repeated_gaps", "Asked more than once", sum(gap.asked > 1 for gap in gaps), "topic"),
        things("unused_count", "Entries that nobody needed", uses.count(0), "entry", "entries"),
    ]
    if gaps:
        made += [
            facts.text("largest_gap", "Most asked without an answer", gaps[0].question),
            things("largest_gap_asked", "How often", gaps[0].asked, "time"),
        ]
    most = max(uses, default=0)
    if most:
        made += [
            facts.text("busiest_entry", "Entry that is needed most", args.faq[uses.index(most)].question),
            things("busiest_entry_asked", "How often", most, "time"),
        ]
    return made


def _outline(gaps: list[Gap]) -> str:
    """Give a skeleton: the questions are the customers', the answers must come from who knows them."""
    entries = [
        f"## {facts.text('q', '', gap.question).rendered}\n\n[Answer to be written by whoever knows it.]"
        for gap in gaps[:15]
    ]
    return "\n\n".join(entries) or "Every question has an entry."
