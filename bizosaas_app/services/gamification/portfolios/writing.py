"""Writing: what a writer of showcases is given and gives back. The built-in composer is one, an agent another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal
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
    """A part of the text; `by` names who wrote it where it is not whoever wrote the rest."""

    key: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written: a title without a number, and every section of the template; `by` names the engine.

    `shared` are texts for search engines and networks by name, as far as the writer has some.
    """

    title: str
    sections: Sequence[Section]
    by: str = ""
    shared: Mapping[str, str] = field(default_factory=dict)


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


def mend(draft: Draft, brief: Brief, stored: Draft, *, by: str) -> Draft:
    """Give the draft with every text that is refused or lacks written anew: as the stored one, by `by`, has it."""
    told = {section.key: section for section in draft.sections if section.text.strip()}
    sections = [
        told[own.key] if own.key in told and not _is_faulty(told[own.key].text, brief) else replace(own, by=by)
        for own in stored.sections
    ]
    title = draft.title if draft.title.strip() and not _is_faulty(draft.title, brief) else stored.title
    return replace(draft, title=title, sections=sections)


def _is_faulty(text: str, brief: Brief) -> bool:
    return bool(number_guard.find_faults(text, brief.figures))
