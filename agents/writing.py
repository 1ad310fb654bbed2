"""Writing: what is said around the facts. A text is a template with slots until it has passed every check. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents import wording
from agents.facts import Fact
from agents.parts import Checklist, Draft, Item
from agents.spec import AgentSpec
from bizosaas_app.kernel import number_guard

LONGEST: Final = {"headline": 200, "summary": 2_000, "advice": 400, "drafts": 4_000}
"""Characters of a template, by where it stands: what a person reads."""
MOST_ADVICE: Final = 10

Facts = Mapping[str, Fact]

_FIGURE: Final = "\N{CIRCLED DIGIT ZERO}"
"""Stands for a figure while a text is checked for numbers; nobody writes it."""
_LINK: Final = re.compile(r"https?:|www\.|\]\(|\b[\w-]+\.(?:com|net|org|io|eu|de|co|app|dev|info|biz)\b", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[a-z/!]", re.IGNORECASE)


class Advised(BaseModel):
    """An item of advice as it is written."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1)
    why: str = ""


class Written(BaseModel):
    """The answer of the wording call: texts whose figures are `{slots}`."""

    model_config = ConfigDict(extra="ignore")

    headline: str = Field(min_length=1)
    summary: str = Field(min_length=1)
    advice: list[Advised] = Field(default_factory=list)
    drafts: dict[str, str] = Field(default_factory=dict)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give every text with its place."""
        yield "headline", self.headline
        yield "summary", self.summary
        for number, item in enumerate(self.advice):
            yield f"advice.{number}.text", item.text
            yield f"advice.{number}.why", item.why
        for name, text in self.drafts.items():
            yield f"drafts.{name}", text

    def told(self) -> set[str]:
        """Give the slots of headline, summary and advice."""
        shown = (text for place, text in self.texts() if not place.startswith("drafts"))
        return {slot for text in shown for slot in wording.slots_of(text)}


@dataclass(frozen=True, slots=True)
class Said:
    """The words of an output, rendered."""

    headline: str
    summary: str
    advice: Checklist
    drafts: Mapping[str, Draft] = field(default_factory=dict)


class Refused(Exception):
    """The text fails a check; the message tells the writer what to put right."""


def stored(spec: AgentSpec, facts: Facts, seed: str) -> Written:
    """Write by the rules of the specification."""
    advice = []
    for rule in spec.advice:
        text = wording.choose(rule.text, facts, seed) if wording.holds(rule.when, facts) else None
        if text is not None:
            why = wording.choose(rule.why, facts, seed) if rule.why else None
            advice.append(Advised.model_construct(text=text, why=why or ""))
    headline = wording.first(spec.headline, facts, seed) or spec.shown_name
    return Written.model_construct(
        headline=headline,
        summary=" ".join(wording.sentences(spec.summary, facts, seed)) or headline,
        advice=advice,
        drafts={
            name: "\n\n".join(wording.sentences(draft.sentences, facts, seed)) for name, draft in spec.drafts.items()
        },
    )


def parse(answer: str) -> Written:
    """Read an answer, with or without a fence around it; raises `Refused`."""
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start:
        raise Refused("The answer must be one JSON object with headline, summary, advice and drafts.")
    try:
        return Written.model_validate_json(answer[start : end + 1])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{'.'.join(map(str, first['loc'])) or 'The JSON'}: {first['msg']}") from error


def check(written: Written, own: Written, spec: AgentSpec, facts: Facts) -> None:
    """Raise `Refused` for a text that is not fit to be shown; `own` is the stored text for the same facts.

    What is word for word the stored text was checked with the catalogue. Slots must name known facts, nothing beside
    them may be a number, headline's and `says` facts must be told, and there are no links, addresses or markup.
    """
    known = dict(own.texts())
    for place, text in written.texts():
        if text != known.get(place):
            _check_text(place, text, facts)
    if set(written.drafts) != set(spec.drafts):
        raise Refused(f"drafts must have exactly the keys {', '.join(spec.drafts) or '(none)'}.")
    if bool(own.advice) > bool(written.advice) or len(written.advice) > max(MOST_ADVICE, len(own.advice)):
        raise Refused(f"advice must name at least one thing to do, and {MOST_ADVICE} at most.")
    told = [facts[name] for name in written.told() if name in facts]
    lacking = [name for name in sorted(to_be_said(spec, own)) if facts[name] not in told]
    if lacking:
        raise Refused("These slots must be in headline, summary or advice: " + ", ".join(f"{{{x}}}" for x in lacking))
    for name, text in written.drafts.items():
        if own.drafts.get(name) and not text.strip():
            raise Refused(f"drafts.{name} is empty.")


def to_be_said(spec: AgentSpec, own: Written) -> set[str]:
    """Give the facts that a text has to carry: the stored headline's, and of the case's `says` what the stored says.

    The stored text says them exactly where they are there: a debtor is only named while somebody owes.
    """
    return set(wording.slots_of(own.headline)) | (set(spec.case.says) & own.told())


def render(written: Written, spec: AgentSpec, facts: Facts) -> Said:
    """Fill the slots of a text that has passed the checks."""

    def filled(template: str) -> str:
        return wording.render(template, facts) or ""

    items = [Item(text=filled(item.text), why=filled(item.why)) for item in written.advice]
    drafts = {
        name: Draft(title=draft.title, text=filled(written.drafts.get(name, "")), format=draft.format)
        for name, draft in spec.drafts.items()
    }
    return Said(filled(written.headline), filled(written.summary), Checklist(title="What to do", items=items), drafts)


def _check_text(place: str, text: str, facts: Facts) -> None:
    longest = LONGEST[place.partition(".")[0]]
    if len(text) > longest:
        raise Refused(f"{place} is longer than {longest} characters.")
    if unknown := [name for name in wording.slots_of(text) if name not in facts]:
        raise Refused(f"{place} names {{{unknown[0]}}}, which is no fact.")
    rest = wording.SLOT.sub(" ", text)
    if "{" in rest or "}" in rest:
        raise Refused(f"{place} has a brace that is no slot.")
    if fault := fault_in(text, facts):
        raise Refused(f"{place}: {fault}. A figure may only be a slot, also in words (one, first, half, double).")
    if _LINK.search(rest) or "@" in rest or _MARKUP.search(rest):
        raise Refused(f"{place} carries a link, an address or markup.")


def fault_in(text: str, facts: Facts) -> str | None:
    """Say which number a template carries beside its slots, or which slot it turns into another number."""
    if _FIGURE in text:
        return f"{_FIGURE} may not be written"
    marked = wording.SLOT.sub(lambda slot: "name" if facts[slot[1]].unit in ("text", "date") else _FIGURE, text)
    faults = number_guard.find_faults(marked, [_Figure()])
    return None if not faults else faults[0].reason.replace(_FIGURE, "{slot}")


class _Figure:
    rendered = _FIGURE
    direction = None
