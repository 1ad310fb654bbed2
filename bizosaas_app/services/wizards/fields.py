"""What a wizard asks: fields, steps and the wizard that holds them, as data. A sixth wizard is one more of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from bizosaas_app.services.wizards.conditions import Answers, Condition, holds

Kind = Literal[
    "text",
    "long_text",
    "number",
    "money",
    "choice",
    "choices",
    "moment",
    "day",
    "zone",
    "rows",
    "file",
    "secret",
    "colour",
    "preview",
    "act",
]
"""What a field takes. `preview` only shows; an `act` is a button whose outcome the server keeps as the answer."""

SERVER_KINDS: Final = frozenset({"file", "secret", "act"})
"""Kinds whose answer only the server may write: what was uploaded, what went to the secret store, what came out."""


class Choice(NamedTuple):
    """One choice: its value, its label, and what it means."""

    value: str
    label: str
    hint: str = ""


class Noun(NamedTuple):
    """What one of several things is called, and several of them."""

    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `least` and `most` bound a number, an amount, the length of a text or the count of rows."""

    key: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    is_required: bool = True
    initial: Any = None
    """What stands there before anybody has answered; not counted as typed."""
    shown_when: Condition | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: str = ""
    """Name of the list that the tenant's own data gives, in place of `choices`."""
    adds: Literal["", "social_account"] = ""
    """What a person may add to that list from here."""
    columns: tuple[Field, ...] = ()
    """The fields of each row."""
    noun: Noun | None = None
    """What a row, or one of several choices, is called."""
    missing: str = ""
    """What to say when it was left empty, where its label makes no sentence with `Enter the` or `Choose the`."""
    least: Decimal | None = None
    most: Decimal | None = None
    is_whole: bool = False
    must_be_future: bool = False
    """For a moment or a day."""
    pattern: str = ""
    pattern_hint: str = ""
    """What to say when the pattern is missed: how it should look."""
    accepts: tuple[str, ...] = ()
    """Media types that an upload may have."""
    depends_on: tuple[str, ...] = ()
    """Fields that an act's outcome holds for: when one of them changes, the outcome is void."""
    action_label: str = ""
    unit: str = ""


Values = Mapping[str, Any]
"""Answers as they are meant: numbers as Decimal, moments in UTC, only what is shown and filled."""
Problems = Mapping[str, str]
"""Path of a field (`rows.2.price` inside rows) -> what is wrong with it and what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over several fields; asked only when all that it `reads` are right by themselves."""

    reads: tuple[str, ...]
    judge: Callable[[Values, Surroundings], Problems]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the answers are judged against, besides themselves."""

    now: datetime
    zone: str
    """IANA name of the tenant's time zone, for moments typed without one."""
    currency: str
    choices: Mapping[str, tuple[Choice, ...]]
    """The lists that `choices_from` names."""


@dataclass(frozen=True, slots=True)
class Step:
    """One decision a screen."""

    key: str
    title: str
    purpose: str
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
    shown_when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Wizard:
    """A wizard: its steps in order, who may use it, and what completing it is called. The last step is the review."""

    key: str
    title: str
    purpose: str
    permission: str
    steps: tuple[Step, ...]
    finish_label: str
    """What the last button does, as a verb with its object."""
    expires_after: timedelta = timedelta(days=30)

    def shown_steps(self, answers: Answers) -> list[Step]:
        """Give the steps that these answers lead through."""
        known = with_initials(self.fields.values(), answers)
        return [step for step in self.steps if holds(step.shown_when, known)]

    def shown_fields(self, step: Step, answers: Answers) -> list[Field]:
        """Give the fields of a step that these answers ask for."""
        known = with_initials(self.fields.values(), answers)
        return [field for field in step.fields if holds(field.shown_when, known)]

    def step(self, key: str) -> Step:
        """Give a step by its key; raises `KeyError`."""
        found = next((step for step in self.steps if step.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    @property
    def fields(self) -> dict[str, Field]:
        """Give every field by its key."""
        return {field.key: field for step in self.steps for field in step.fields}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Give the fields whose answer goes to the secret store."""
        return tuple(key for key, field in self.fields.items() if field.kind == "secret")

    def step_of(self, field: str) -> str:
        """Give the step that asks for a field; raises `KeyError`."""
        for step in self.steps:
            if any(item.key == field for item in step.fields):
                return step.key
        raise KeyError(field)


def with_initials(fields: Iterable[Field], answers: Answers) -> dict[str, Any]:
    """Give the answers with what stands in a field before anybody has answered: conditions see what people see."""
    return {field.key: field.initial for field in fields if field.initial is not None} | dict(answers)
