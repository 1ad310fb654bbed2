"""Writing: what a writer of showcases is given and gives back. The built-in composer is one, an agent another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol
from uuid import UUID

from bizosaas_app.kernel import number_guard
from bizosaas_app.kernel.number_guard import Fault
from bizosaas_app.services.gamification.portfolios.figures import Figure

Template = Literal["case_study", "before_after"]

SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "case_study": ("situation", "approach", "outcome", "figures"),
    "before_after": ("before", "after", "figures"),
}
"""The sections of each template, in order; a quote that was given comes last."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be written. It holds no name: who is shown, and under which name, is decided when the page is read."""

    portfolio_id: UUID
    template: Template
    is_of_team: bool
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written: a title without a number, and every section of the template."""

    title: str
    sections: Sequence[Section]


class ShowcaseWriter(Protocol):
    """Writes the prose around figures that are given."""

    @property
    def engine(self) -> str:
        """What the view says about who wrote it."""
        ...

    async def write(self, brief: Brief) -> Draft:
        """Give the draft; every number in it is the rendered form of one of the brief's figures."""
        ...


def find_faults(draft: Draft, brief: Brief) -> dict[str, Fault]:
    """Give what keeps a draft from being kept, by field: numbers that are bound to nothing, sections that lack."""
    faults = {
        f"sections.{index}.text": found[0]
        for index, section in enumerate(draft.sections)
        if (found := number_guard.find_faults(section.text, brief.figures))
    }
    if found := number_guard.find_faults(draft.title, brief.figures):
        faults["title"] = found[0]
    keys = tuple(section.key for section in draft.sections if section.text.strip())
    if keys != SECTIONS[brief.template]:
        faults["sections"] = Fault("", f"Needs {', '.join(SECTIONS[brief.template])}")
    return faults
