"""A draft from a sentence, read as the agent for achievements reads one: by a fixed grammar, without a model. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agents import trigger_language

LONGEST: Final = 300
_ELSEWHERE: Final = "loyalty"


@dataclass(frozen=True)
class Reading:
    """The rule that was understood, where it belongs, and what to tell; no rule when nothing was."""

    rule: dict[str, Any] | None
    category: str
    name: str
    told: str


def read(sentence: str) -> Reading:
    """Read a sentence such as "win 5 leads within a week"."""
    plain = " ".join(sentence.split())[:LONGEST]
    found = trigger_language.read(plain)
    lost = f"I did not understand: {', '.join(found.unknown)}." if found.unknown else ""
    if found.trigger is None:
        known = ", ".join(sorted({words[0] for words in trigger_language.EVENTS.values()}))
        return Reading(
            None, "", "", " ".join(filter(None, (lost, f"Say how often what has to be done. I know: {known}.")))
        )
    category = trigger_language.CATEGORIES.get(found.conditions[0].leaf["event"], _ELSEWHERE)
    name = plain.rstrip(".!")
    return Reading(found.trigger, category, f"{name[:1].upper()}{name[1:60]}", lost or "Drafted. Check the rule below.")
