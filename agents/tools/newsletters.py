"""Newsletters: the order of the items, subjects to choose from, and the letter as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.parts import Draft
from agents.tables import Heading, Row, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.entities import Web
from agents.tools.layout import checklist, one_line
from agents.tools.readability import READING_SPEED
from agents.tools.words import words

SUBJECT_ROOM: Final = 50
"""Characters of a subject that phones show, about: mail programs cut between 40 and 60."""
PREVIEW_ROOM: Final = 90
"""Characters of the line beside the subject that most programs show."""


class NewsItem(BaseModel):
    """A piece of news; a higher priority goes before a lower one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    summary: str = Field(min_length=1, max_length=2000)
    url: Web | None = None
    priority: int = Field(3, ge=1, le=5, description="5 is the most important")


class LetterArgs(Args):
    """The items, the letter's name and its length."""

    name: str = Field(min_length=1, max_length=80, description="Name of the newsletter")
    items: list[NewsItem] = Field(min_length=1, max_length=40)
    most_words: int = Field(300, ge=50, le=2000, description="Words that the items may take together")
    greeting: str = Field("Hello,", min_length=1, max_length=120)
    sender: str = Field("", max_length=120, description="Who signs")


class Letter(ToolResult):
    """The letter's text and the titles in their order."""

    text: str
    order: list[str]


@tool(
    facts={
        "newsletter": "text",
        "item_count": "count",
        "kept_count": "count",
        "left_out_count": "count",
        "left_out": "text",
        "lead": "text",
        "letter_words": "count",
        "word_limit": "count",
        "reading_minutes": "number",
        "subject": "text",
        "subject_length": "count",
        "subject_room": "count",
        "subject_over": "count",
        "without_link_count": "count",
        "without_link": "text",
        "link_count": "count",
    },
    parts={"order": "table", "subjects": "table", "letter": "draft", "to_do": "checklist"},
)
def newsletter(context: ToolContext, args: LetterArgs) -> Letter:  # noqa: ARG001  # every tool takes its run
    """Compose a newsletter: items by priority within a length, subject candidates, a plain text draft."""
    if len({item.title.strip().lower() for item in args.items}) < len(args.items):
        raise ToolNeedsMore("items: a title stands in them more than once")
    ordered = sorted(args.items, key=lambda item: -item.priority)
    kept, left = _within(ordered, args.most_words)
    subjects = _subjects(args.name, kept)
    best = subjects[0]
    length = sum(_length(item) for item in kept)
    without = [item for item in kept if item.url is None]
    made = [
        facts.text("newsletter", "Newsletter", args.name),
        facts.count("item_count", "Items", len(ordered)),
        facts.count("kept_count", "Items in the letter", len(kept)),
        facts.count("left_out_count", "Items left out", len(left)),
        facts.text("lead", "Lead item", kept[0].title),
        facts.count("letter_words", "Words of the items", length),
        facts.count("word_limit", "Words that they may take", args.most_words),
        facts.number("reading_minutes", "Minutes to read", length / READING_SPEED, digits=1),
        facts.text("subject", "Subject proposed", best),
        facts.count("subject_length", "Its characters", len(best)),
        facts.count("subject_room", "Characters that phones show", SUBJECT_ROOM),
        facts.count("subject_over", "Characters beyond that", max(len(best) - SUBJECT_ROOM, 0)),
        facts.count("without_link_count", "Items without a link", len(without)),
        facts.count("link_count", "Links", len(kept) - len(without)),
    ]
    made += [facts.text("left_out", "An item left out", item.title) for item in left[:1]]
    made += [facts.text("without_link", "An item without a link", item.title) for item in without[:1]]
    text = _letter(args, best, kept)
    rows = [_row(place, item, item in kept) for place, item in enumerate([*kept, *left], 1)]
    return Letter(
        source="input",
        text=text,
        order=[item.title for item in kept],
        facts=made,
        parts={
            "order": table("Items in their order", rows, currency=None, **_COLUMNS),
            "subjects": table(
                "Subjects to choose from", [_subject_row(subject) for subject in subjects], currency=None, **_SUBJECTS
            ),
            "letter": Draft(title=one_line(args.name), text=text),
            "to_do": checklist("Before it is sent", _tasks(best, without, left)),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "place": ("Place", "number"),
    "title": "Item",
    "priority": ("Priority", "number"),
    "words": ("Words", "number"),
    "state": "State",
}
_SUBJECTS: Final[dict[str, Heading]] = {"subject": "Subject", "length": ("Characters", "number"), "check": "Check"}


def _length(item: NewsItem) -> int:
    return len(words(item.title)) + len(words(item.summary))


def _within(ordered: Sequence[NewsItem], most: int) -> tuple[list[NewsItem], list[NewsItem]]:
    """Take items in order as long as they fit; the lead is always taken, and a shorter later one may still fit."""
    kept, left, taken = [ordered[0]], [], _length(ordered[0])
    for item in ordered[1:]:
        if taken + _length(item) <= most:
            kept.append(item)
            taken += _length(item)
        else:
            left.append(item)
    return kept, left


def _subjects(name: str, kept: Sequence[NewsItem]) -> list[str]:
    """Give subjects: those that phones show whole come in front, otherwise in the order of their making."""
    lead = one_line(kept[0].title)
    made = [lead, f"{one_line(name, 80)}: {lead}"]
    if len(kept) > 1:
        made.append(f"{lead}, and {one_line(kept[1].title)}")
        made.append(f"{lead} + {len(kept) - 1} more")
    return sorted(dict.fromkeys(made), key=lambda subject: len(subject) > SUBJECT_ROOM)


def _letter(args: LetterArgs, subject: str, kept: Sequence[NewsItem]) -> str:
    lines = [f"Subject: {subject}", f"Preview: {one_line(kept[0].summary, PREVIEW_ROOM)}", ""]
    lines += [one_line(args.greeting), ""]
    for item in kept:
        title = one_line(item.title)
        lines += [title, "-" * len(title), one_line(item.summary, 2000), *([item.url] if item.url else []), ""]
    return "\n".join([*lines, one_line(args.sender) or one_line(args.name)])


def _row(place: int, item: NewsItem, is_kept: bool) -> Row:
    return {
        "place": place if is_kept else None,
        "title": item.title,
        "priority": item.priority,
        "words": _length(item),
        "state": "in the letter" if is_kept else "left out",
    }


def _subject_row(subject: str) -> Row:
    over = len(subject) - SUBJECT_ROOM
    return {"subject": subject, "length": len(subject), "check": f"{over} too long" if over > 0 else "shown whole"}


def _tasks(subject: str, without: Sequence[NewsItem], left: Sequence[NewsItem]) -> list[tuple[str, str]]:
    tasks = [(f'Add a link to "{item.title}"', "Readers cannot go on from it") for item in without[:5]]
    if len(subject) > SUBJECT_ROOM:
        tasks.append(("Shorten the subject", "Phones would cut it"))
    tasks += [(f'Keep "{item.title}" for the next letter', "It did not fit") for item in left[:5]]
    return [*tasks, ("Add the unsubscribe link that your mail program gives", "The law asks for it in most countries")]
