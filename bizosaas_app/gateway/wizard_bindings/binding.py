"""What ties a wizard's declaration to the tenant's data and to the work that completing it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.contracts.wizards import FinishView, PreviewView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services.wizards.conditions import Raw
from bizosaas_app.services.wizards.fields import Choice, Surroundings, Values
from bizosaas_app.services.wizards.operations import Guess


@dataclass(frozen=True, slots=True)
class Order:
    """What a binding is asked with: the values that are right so far, and the draft that they come from."""

    draft_id: UUID
    values: Values
    around: Surroundings
    typed: frozenset[str] = frozenset()
    """Fields that a person has answered: what stands in the others is a guess, or stood there from the beginning."""

    @property
    def now(self) -> datetime:
        """Give the moment of the request, in UTC."""
        return self.around.now


ListChoices = Callable[[AsyncSession, Actor], Awaitable[tuple[Choice, ...]]]
"""Gives a list that `Field.choices_from` names."""
Preview = Callable[[AsyncSession, Actor, Order], Awaitable[PreviewView]]
"""Shows what would come of the answers; writes nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of an act that found answers to other fields as well: what a person has typed there stays."""

    outcome: Mapping[str, Any]
    guesses: Mapping[str, Guess]


Act = Callable[[Actor, Order], Awaitable[Mapping[str, Any] | Found]]
"""Does something outside while the wizard is open, and gives its outcome: `{state: passed or failed, says: ...}`.

It opens its own units of work, since the outside must not be waited for inside a transaction.
"""
Complete = Callable[[AsyncSession, Actor, Order], Awaitable[FinishView]]
"""Does the wizard's work in the transaction that closes the draft; what happens outside is left to jobs as rows."""
Known = Callable[[AsyncSession, Actor], Awaitable[Mapping[str, Raw]]]
"""Gives answers that the tenant's own data has already."""
KeepSecret = Callable[[Actor, UUID, str, str], Awaitable[str]]
"""Puts a secret (draft, field, value) into the secret store; gives how it is shown, masked."""
ForgetSecrets = Callable[[Actor, UUID, Iterable[str]], Awaitable[None]]
"""Has the secret store forget what was typed into these fields of a draft; what came of it elsewhere stays."""

ListSecrets = Callable[[], Awaitable[Mapping[UUID, Mapping[UUID, Iterable[str]]]]]
"""Lists what was typed and is still kept: by tenant and draft the fields."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where the secrets lie that are typed into a draft: until something takes them over, or the draft is closed."""

    keep: KeepSecret
    forget: ForgetSecrets
    list_kept: ListSecrets


class NothingToPropose(Conflict):
    """Answers and data do not suffice for a proposal; the message says what is missing."""

    code = "nothing_to_propose"
    title = "There is nothing to suggest here yet"


Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """An agent's input; `about` names what it is asked about to whoever reads the answer."""

    given: Document
    about: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an agent was asked, and what its run gave."""

    question: Question
    output: Document

    @property
    def headline(self) -> str:
        """Give the run's result in one sentence of the agent's own."""
        said: str = self.output["headline"]
        return said if said.endswith((".", "?", "!")) else f"{said}."

    @property
    def says(self) -> str:
        """Give the run's result in the agent's own words."""
        return f"{self.headline} {self.output['summary']}".strip()


AskAgent = Callable[[AsyncSession, Actor, Order], Awaitable[Sequence[Question]]]
"""Gives what the agent is asked, one question for each run, from what was answered so far and the tenant's own data.

Raises `NothingToPropose` where they do not suffice, with what is missing.
"""
ReadAgent = Callable[[Sequence[Heard], Order], Mapping[str, Guess]]
"""Gives the guesses that stand in what the agent gave, by field; each says why. Raises as `AskAgent` does."""


@dataclass(frozen=True, slots=True)
class Assist:
    """The agent that can propose values for a step, and the fields that it may fill."""

    agent_id: str
    fills: tuple[str, ...]
    ask: AskAgent
    read: ReadAgent


async def _nothing_known(_session: AsyncSession, _actor: Actor) -> Mapping[str, Raw]:
    return {}


@dataclass(frozen=True, slots=True)
class Binding:
    """One wizard's ties; `complete` is the only one that each must have."""

    complete: Complete
    known: Known = _nothing_known
    lists: Mapping[str, ListChoices] = field(default_factory=dict)
    previews: Mapping[str, Preview] = field(default_factory=dict)
    """By the key of the `preview` field."""
    acts: Mapping[str, Act] = field(default_factory=dict)
    """By the key of the `act` field."""
    secrets: Secrets | None = None
    assists: Mapping[str, Assist] = field(default_factory=dict)
    """By the key of the step."""
