"""What is done with a draft, and what comes of it: the words that the engine, its drafts and its callers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services.wizards.conditions import Raw
from bizosaas_app.services.wizards.fields import Problems, Values

Status = Literal["open", "completed", "discarded", "expired"]


class DraftClosed(Conflict):
    """The draft has been completed, discarded or has expired."""

    code = "draft_closed"
    title = "This draft is closed; begin a new one"


class StepOutOfOrder(Conflict):
    """A step before the wanted one has not been done."""

    code = "step_out_of_order"
    title = "Finish the steps before this one first"


@dataclass(frozen=True, slots=True)
class Guess:
    """A value that an agent proposed, and why."""

    value: Raw
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A wizard on its way: what was answered, where the person stands, and what each answer's last save was."""

    step: str
    answers: Mapping[str, Raw] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    """Field -> version of the draft that its answer was last written by."""
    guesses: Mapping[str, str] = field(default_factory=dict)
    """Field whose answer is still an agent's guess -> the reason it gave."""
    done: frozenset[str] = frozenset()
    """Steps that were left forwards."""
    version: int = 0
    status: Status = "open"


@dataclass(frozen=True, slots=True)
class Save:
    """Keep answers, right or wrong; `seen` is the version that the tab had on its screen."""

    answers: Mapping[str, Raw]
    seen: int


@dataclass(frozen=True, slots=True)
class Continue:
    """Keep the answers, and go to the next step if this one is right. `step` is the one on the tab's screen."""

    answers: Mapping[str, Raw]
    seen: int
    step: str


@dataclass(frozen=True, slots=True)
class Go:
    """Go to a step: back without conditions, forwards when what lies between is right."""

    step: str


@dataclass(frozen=True, slots=True)
class Propose:
    """Take an agent's guesses for fields that nobody has filled."""

    guesses: Mapping[str, Guess]


@dataclass(frozen=True, slots=True)
class Keep:
    """Take what the server found: an upload, a stored secret, the outcome of an act; None takes it away."""

    field: str
    answer: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Complete:
    """Be done, if every step is right."""


@dataclass(frozen=True, slots=True)
class Discard:
    """End without completing."""


Operation: TypeAlias = Save | Continue | Go | Propose | Keep | Complete | Discard


@dataclass(frozen=True, slots=True)
class Overwritten:
    """An answer of another tab that this save took the place of."""

    field: str
    lost: Raw


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an operation."""

    draft: Draft
    problems: Problems = field(default_factory=dict)
    overwritten: tuple[Overwritten, ...] = ()
    values: Values | None = None
    """What the wizard is completed with; given once."""
