"""A custom achievement from a sentence: the rule as it was understood, and what it would have done lately."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pydantic import Field

from agents import facts, trigger_language
from agents.facts import Fact
from agents.parts import Cell, Checklist, Column, Draft, Item, Table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.trigger_language import Reading
from bizosaas_app.gateway import achievements
from bizosaas_app.gateway.contracts.achievements import CreateAchievement, DryRunView, ListDefinitions

_WORTH: Final = {"day": 30, "week": 50, "month": 100, "all": 75}
"""Points that a draft begins with, by its window; whoever approves it may choose others."""
_WINDOWS: Final = {"day": "within a day", "week": "within a week", "month": "within a month", "all": "over all time"}
_LONGEST_KEY: Final = 60


class SentenceArgs(Args):
    """The achievement in one's own words."""

    sentence: str = Field("", max_length=300, description='Such as "win 5 leads within a week"')


class AchievementDraft(ToolResult):
    """The draft as it would be created; `key` is free, `trigger` is the rule that was understood."""

    key: str
    name: str
    description: str
    category: str
    points: int
    trigger: dict[str, Any]


@tool(
    permission="manage_achievements",
    facts={
        "draft_name": "text",
        "understood_count": "count",
        "unknown_count": "count",
        "unknown_words": "text",
        "draft_points": "count",
        "would_unlock": "count",
        "would_unlocks": "count",
        "dry_run_days": "days",
        "dry_run_events": "count",
        "is_ready": "count",
    },
    parts={"rule": "draft", "conditions": "table", "sample": "table", "questions": "checklist"},
)
async def draft_achievement(context: ToolContext, args: SentenceArgs) -> AchievementDraft:
    """Draft an achievement from a sentence, by a fixed grammar, with a dry run over the last days."""
    reading = trigger_language.read(args.sentence)
    trigger = reading.trigger
    if trigger is None:
        known = ", ".join(sorted({words[0] for words in trigger_language.EVENTS.values()}))
        lost = f" I did not understand: {', '.join(reading.unknown)}." if reading.unknown else ""
        raise ToolNeedsMore(
            f"Say what has to be done how often, such as 'win 5 leads within a week'.{lost} I know: {known}"
        )
    name, key = _name(args.sentence), await _free_key(context, args.sentence)
    event = reading.conditions[0].leaf["event"]
    draft = AchievementDraft(
        source="sentence, ledger",
        key=key,
        name=name,
        description=f"Drafted from: {' '.join(args.sentence.split())}"[:300],
        category=trigger_language.CATEGORIES.get(event, "loyalty"),
        points=max(_WORTH[condition.leaf.get("window", "all")] for condition in reading.conditions),
        trigger=trigger,
    )
    tried = await _dry_run(context, draft)
    return draft.model_copy(
        update={
            "facts": _facts_of(draft, reading, tried),
            "parts": {
                "rule": Draft(title="The rule", text=json.dumps(trigger, indent=2), format="json"),
                "conditions": _conditions(reading),
                "sample": _sample(tried),
                "questions": _questions(reading, tried),
            },
        }
    )


async def _dry_run(context: ToolContext, draft: AchievementDraft) -> DryRunView:
    command = CreateAchievement(
        key=draft.key,
        name=draft.name,
        description=draft.description,
        category=draft.category,
        points=draft.points,
        trigger=draft.trigger,
        dry_run=True,
    )
    tried = await achievements.create_achievement(context.actor, command)
    if not isinstance(tried, DryRunView):
        raise TypeError("a dry run creates nothing")
    return tried


async def _free_key(context: ToolContext, sentence: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", sentence.casefold()).strip("-")[:_LONGEST_KEY].rstrip("-") or "custom"
    taken = {item.key for item in (await achievements.list_definitions(context.actor, ListDefinitions())).items}
    candidates = (plain, *(f"{plain[: _LONGEST_KEY - 3]}-{number}" for number in range(2, 100)))
    return next(key for key in candidates if key not in taken)


def _name(sentence: str) -> str:
    line = facts.text("x", "x", sentence).rendered.rstrip(".!")
    return f"{line[0].upper()}{line[1:60]}"


def _facts_of(draft: AchievementDraft, reading: Reading, tried: DryRunView) -> list[Fact]:
    found = [
        facts.text("draft_name", "Name of the draft", draft.name),
        facts.count("understood_count", "Conditions understood", len(reading.conditions)),
        facts.count("unknown_count", "Words not understood", len(reading.unknown)),
        facts.count("draft_points", "Points of the draft", draft.points),
        facts.count("would_unlock", "Members who would have it", tried.would_unlock),
        facts.count("would_unlocks", "Unlocks in the dry run", tried.unlocks),
        facts.span("dry_run_days", "Days of the dry run", tried.days, "days"),
        facts.count("dry_run_events", "Events of the dry run", tried.events),
        facts.count("is_ready", "Can be proposed", int(not reading.unknown)),
    ]
    if reading.unknown:
        found.append(facts.text("unknown_words", "Not understood", ", ".join(reading.unknown)))
    return found


def _conditions(reading: Reading) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "words": facts.text("x", "x", item.words).rendered,
            "event": "any event" if item.leaf["event"] == "*" else item.leaf["event"],
            "counts": item.leaf["aggregate"],
            "threshold": item.leaf["threshold"],
            "window": _WINDOWS[item.leaf.get("window", "all")],
        }
        for item in reading.conditions
    ]
    columns = [
        Column(key="words", label="Your words"),
        Column(key="event", label="Event"),
        Column(key="counts", label="Counted by"),
        Column(key="threshold", label="Reached at", kind="number"),
        Column(key="window", label="Window"),
    ]
    title = "Any of these" if reading.is_either else "All of these"
    return Table(title=title, columns=columns, rows=rows)


def _sample(tried: DryRunView) -> Table:
    rows: list[dict[str, Cell]] = [{"name": facts.text("x", "x", item.name).rendered} for item in tried.sample]
    return Table(title="Who would have it, for example", columns=[Column(key="name", label="Member")], rows=rows)


def _questions(reading: Reading, tried: DryRunView) -> Checklist:
    items = [Item(text=f"What is meant by {word}?", why="It is no word of the rules") for word in reading.unknown[:10]]
    if tried.would_unlock == 0:
        items.append(Item(text="Would a lower count do?", why="Nobody would have it by what the ledger holds"))
    return Checklist(title="Open questions", items=items)
