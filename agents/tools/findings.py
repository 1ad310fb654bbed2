"""Findings: what a check found, how much it matters, where it is, and the remedy. No tool stands here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from agents import facts
from agents.facts import Fact, Unit
from agents.parts import Checklist, Table
from agents.tables import table
from agents.tools.layout import checklist, one_line

Severity = Literal["serious", "warning", "note"]
_ORDER: Final[dict[str, int]] = {"serious": 0, "warning": 1, "note": 2}

FACTS: Final[dict[str, Unit]] = {
    "finding_count": "count",
    "serious_count": "count",
    "warning_count": "count",
    "note_count": "count",
    "worst_finding": "text",
    "worst_place": "text",
    "worst_remedy": "text",
}
"""What `counted` gives."""


class Finding(BaseModel):
    """A thing that a check found."""

    model_config = ConfigDict(frozen=True)

    severity: Severity
    check: str
    place: str
    finding: str
    remedy: str


def ordered(found: Sequence[Finding]) -> list[Finding]:
    """Give them with the gravest in front, otherwise in the order of the checks."""
    return sorted(found, key=lambda item: _ORDER[item.severity])


def counted(found: Sequence[Finding]) -> list[Fact]:
    """Give the facts of findings that are in order."""
    counts = {name: sum(item.severity == name for item in found) for name in _ORDER}
    made = [facts.count("finding_count", "Findings", len(found))]
    made += [facts.count(f"{name}_count", f"Findings: {name}", number) for name, number in counts.items()]
    if found:
        made += [
            facts.text("worst_finding", "Gravest finding", found[0].finding),
            facts.text("worst_place", "Where it is", found[0].place),
            facts.text("worst_remedy", "Its remedy", found[0].remedy),
        ]
    return made


def as_table(title: str, found: Sequence[Finding]) -> Table:
    """Give the findings as a table."""
    rows = [{**item.model_dump(), "place": one_line(item.place)} for item in found]
    return table(title, rows, severity="Severity", check="Check", place="Place", finding="Finding", remedy="Remedy")


def as_checklist(title: str, found: Sequence[Finding], most: int = 12) -> Checklist:
    """Give the remedies, each said a single time, with what they are for."""
    by_remedy: dict[str, Finding] = {}
    for item in found:
        by_remedy.setdefault(item.remedy, item)
    return checklist(title, [(remedy, item.finding) for remedy, item in list(by_remedy.items())[:most]])
