"""Writing: what is said around the facts. A text is a template with slots until it has passed every check. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents import wording
from agents.facts import Fact
from agents.parts import Checklist, Draft, Item
from agents.spec import AgentSpec

LONGEST_HEADLINE: Final = 200
LONGEST_SUMMARY: Final = 2_000
LONGEST_ADVICE: Final = 400
LONGEST_DRAFT: Final = 4_000
MOST_ADVICE: Final = 10
"""Characters of the templates, and items: what a person reads."""

Facts = Mapping[str, Fact]

_NUMBERS: Final = (
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands "
    "million millions billion billions trillion dozen dozens half halves third thirds quarter quarters twice thrice "
    "double doubled triple tripled percent percentage"
)
_NUMBER_WORDS: Final = frozenset(_NUMBERS.split())
_LINK: Final = re.compile(r"https?:|www\.|\]\(|\b[\w-]+\.(?:com|net|org|io|eu|de|co|app|dev|info|biz)\b", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[a-z/!]", re.IGNORECASE)


class Advised(BaseModel):
    """An item of advice as it is written."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1, max_length=LONGEST_ADVICE)
    why: str = Field("", max_length=LONGEST_ADVICE)


class Written(BaseModel):
    """The answer of the wording call: texts whose figures are `{slots}`."""

    model_config = ConfigDict(extra="ignore")

    headline: str = Field(min_length=1, max_length=LONGEST_HEADLINE)
    summary: str = Field(min_length=1, max_length=LONGEST_SUMMARY)
    advice: list[Advised] = Field(default_factory=list, max_length=MOST_ADVICE)
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
    headline = wording.first(spec.headline, facts, seed) or spec.name
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
    if own.advice and not written.advice:
        raise Refused("advice must name at least one thing to do.")
    told = _told(written)
    expected = set(wording.slots_of(own.headline)) | (set(spec.case.says) & _told(own))
    if lacking := sorted(expected - told):
        raise Refused("These slots must be in headline, summary or advice: " + ", ".join(f"{{{x}}}" for x in lacking))
    for name, text in written.drafts.items():
        if len(text) > LONGEST_DRAFT:
            raise Refused(f"drafts.{name} is longer than {LONGEST_DRAFT} characters.")
        if own.drafts.get(name) and not text.strip():
            raise Refused(f"drafts.{name} is empty.")


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


def _told(written: Written) -> set[str]:
    return {
        slot for place, text in written.texts() if not place.startswith("drafts") for slot in wording.slots_of(text)
    }


def _check_text(place: str, text: str, facts: Facts) -> None:
    if unknown := [name for name in wording.slots_of(text) if name not in facts]:
        raise Refused(f"{place} names {{{unknown[0]}}}, which is no fact.")
    rest = wording.SLOT.sub(" ", text)
    if "{" in rest or "}" in rest:
        raise Refused(f"{place} has a brace that is no slot.")
    if fault := figure_in(rest):
        raise Refused(f'{place} says "{fault}": a figure may only be a slot.')
    if _LINK.search(rest) or "@" in rest or _MARKUP.search(rest):
        raise Refused(f"{place} carries a link, an address or markup.")


def figure_in(text: str) -> str | None:
    """Give the first word of a text that is a number, or carries a sign of currency or percent."""
    for word in text.split():
        letters = re.sub(r"[^a-z-]", "", word.casefold()).split("-")
        if any(_is_numeric(sign) for sign in word) or not _NUMBER_WORDS.isdisjoint(letters):
            return word
    return None


def _is_numeric(sign: str) -> bool:
    return sign.isnumeric() or sign in "%\N{PER MILLE SIGN}" or unicodedata.category(sign) == "Sc"
