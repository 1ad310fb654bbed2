"""Summaries: the sentences that carry a text, and drafts for other channels made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from agents import facts
from agents.parts import Draft
from agents.tables import Heading, Row, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.entities import Web
from agents.tools.layout import checklist, one_line
from agents.tools.words import sentences, similarities, words

POST_LENGTH: Final = 280
"""Characters of a post in a thread: the limit of X for accounts without a subscription."""
LONGEST_POST: Final = 1300
"""Characters of a single post; LinkedIn takes 3,000 and folds long before."""
SHORTEST_SENTENCE: Final = 5
"""Words below which a sentence hardly stands alone."""
MOST_SENTENCES: Final = 500
"""Sentences that are weighed: every pair of them is compared."""

_DAMPING: Final = 0.85
"""PageRank's damping, as in TextRank (Mihalcea and Tarau, 2004)."""


class SummaryArgs(Args):
    """A text that has been published, and how much of it is to be used."""

    text: str = Field(min_length=1, max_length=60_000, description="English text, plain")
    title: str = Field(min_length=1, max_length=200)
    url: Web | None = Field(None, description="Where the whole text stands")
    count: int = Field(5, ge=2, le=12, description="Key sentences to take")


class Summary(ToolResult):
    """The key sentences, in the order of the text."""

    key_sentences: list[str]


@tool(
    facts={
        "word_count": "count",
        "sentence_count": "count",
        "key_count": "count",
        "kept_share": "percent",
        "lead": "text",
        "thread_count": "count",
        "post_length": "count",
        "mail_words": "count",
        "cut_count": "count",
    },
    parts={"key": "table", "post": "draft", "thread": "draft", "mail": "draft", "to_do": "checklist"},
)
def key_sentences(context: ToolContext, args: SummaryArgs) -> Summary:  # noqa: ARG001  # every tool takes its run
    """Take the key sentences of a text by TextRank and draft a post, a thread and a mail of its own words."""
    found = sentences(args.text)
    usable = [
        place for place, text in enumerate(found) if len(words(text)) >= SHORTEST_SENTENCE and text not in found[:place]
    ]
    if len(usable) < 2:
        raise ToolNeedsMore("text: it needs at least two different whole sentences")
    if len(usable) > MOST_SENTENCES:
        raise ToolNeedsMore(f"text: it has more than {MOST_SENTENCES} sentences; give a part of it")
    weights = _ranked([found[place] for place in usable])
    by_weight = sorted(range(len(usable)), key=lambda place: (-weights[place], place))
    chosen = sorted(by_weight[: args.count])
    key = [found[usable[place]] for place in chosen]
    lead = found[usable[by_weight[0]]]
    total, kept = sum(len(words(text)) for text in found), sum(len(words(text)) for text in key)
    post, thread, mail = _post(args, lead, key), _thread(args, key), _mail(args, lead, key)
    cut = sum(len(text) > POST_LENGTH - _MARGIN for text in key)
    rows: list[Row] = [
        {
            "number": usable[place] + 1,
            "weight": round(weights[place] * 100, 1),
            "text": one_line(found[usable[place]], 400),
        }
        for place in by_weight[: args.count]
    ]
    return Summary(
        source="input",
        key_sentences=key,
        facts=[
            facts.count("word_count", "Words of the text", total),
            facts.count("sentence_count", "Sentences of the text", len(found)),
            facts.count("key_count", "Key sentences", len(key)),
            facts.percent("kept_share", "Share of the words that they hold", kept / total * 100, digits=0),
            facts.text("lead", "The sentence that carries most", lead),
            facts.count("thread_count", "Posts of the thread", len(thread)),
            facts.count("post_length", "Characters of the post", len(post)),
            facts.count("mail_words", "Words of the mail", len(words(mail))),
            facts.count("cut_count", "Key sentences that a thread must shorten", cut),
        ],
        parts={
            "key": table("Key sentences, the weightiest in front", rows, currency=None, **_COLUMNS),
            "post": Draft(title="Post", text=post),
            "thread": Draft(title="Thread", text="\n\n".join(thread)),
            "mail": Draft(title="Mail", text=mail),
            "to_do": checklist("Before it goes out", _tasks(args, cut)),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "number": ("Sentence no.", "number"),
    "weight": ("Weight", "percent"),
    "text": "Sentence",
}
_MARGIN: Final = 8
"""Room for the number of a post in its thread."""


def _ranked(texts: Sequence[str]) -> list[float]:
    """Weigh sentences by PageRank over their cosine similarity; without any likeness all weigh the same."""
    import networkx as nx  # type: ignore[import-untyped]

    close = similarities(texts, pairs=False)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(texts)))
    for row in range(len(texts)):
        graph.add_weighted_edges_from(
            (row, column, float(close[row, column])) for column in range(row + 1, len(texts)) if close[row, column] > 0
        )
    rank = nx.pagerank(graph, alpha=_DAMPING, weight="weight")
    return [rank[place] for place in range(len(texts))]


def _post(args: SummaryArgs, lead: str, key: Sequence[str]) -> str:
    lines = [one_line(lead, 500), ""]
    for text in key:
        line = f"- {one_line(text, 240)}"
        if text != lead and sum(map(len, lines)) + len(line) < LONGEST_POST - 300:
            lines.append(line)
    return "\n".join([*lines, "", f"From: {one_line(args.title)}", *([args.url] if args.url else [])])


def _thread(args: SummaryArgs, key: Sequence[str]) -> list[str]:
    room = POST_LENGTH - _MARGIN
    texts = [one_line(args.title, room), *(one_line(text, room) for text in key)]
    if args.url:
        texts.append(f"The whole text: {one_line(args.url, room - 20)}")
    return [f"{place}/{len(texts)} {text}" for place, text in enumerate(texts, 1)]


def _mail(args: SummaryArgs, lead: str, key: Sequence[str]) -> str:
    rest = [one_line(text, 400) for text in key if text != lead]
    lines = [f"Subject: {one_line(args.title, 60)}", "", "Hello,", "", one_line(lead, 400), ""]
    lines += ["What else it says:", *(f"- {text}" for text in rest), ""] if rest else []
    lines += [f"Read the whole text: {args.url}", ""] if args.url else []
    return "\n".join([*lines, "Kind regards"])


def _tasks(args: SummaryArgs, cut: int) -> list[tuple[str, str]]:
    tasks = [("Read each draft aloud and join what sounds broken off", "Sentences were taken out of their context")]
    if cut:
        tasks.append(("Shorten the long sentences of the thread by hand", f"{cut} of them end in an ellipsis"))
    if args.url is None:
        tasks.append(("Add the address of the whole text", "Readers of a draft cannot get to it"))
    return tasks
