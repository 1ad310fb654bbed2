"""A draft that is held: its row, its wizard and all that is needed to read, judge and change it, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import wizard_views
from bizosaas_app.gateway.contracts.wizards import DraftView
from bizosaas_app.gateway.wizard_bindings import BINDINGS
from bizosaas_app.gateway.wizard_bindings.binding import Assist, Binding, Order
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.tenants import records
from bizosaas_app.services.wizards import drafts, engine
from bizosaas_app.services.wizards.catalogue import WIZARDS
from bizosaas_app.services.wizards.fields import Surroundings, Wizard
from bizosaas_app.services.wizards.operations import DraftClosed, Guess, Operation, Outcome, Propose
from models import WizardDraft


@dataclass(frozen=True, slots=True)
class Held:
    """A draft whose lock is held, with all that is needed to change it."""

    session: AsyncSession
    wizard: Wizard
    binding: Binding
    row: WizardDraft
    around: Surroundings

    def refuse_closed(self) -> None:
        """Pass where the draft is open; raises `DraftClosed`."""
        if self.row.status != "open":
            raise DraftClosed

    async def change(self, operation: Operation) -> Outcome:
        """Apply an operation."""
        return await drafts.change(self.session, self.wizard, self.row, operation, self.around)

    async def propose(self, guesses: Mapping[str, Guess]) -> bool:
        """Have the guesses taken; says whether any of them was."""
        version = self.row.version
        return (await self.change(Propose(guesses))).draft.version > version

    def view(self, outcome: Outcome | None = None, *, at: str | None = None) -> DraftView:
        """Give the draft as it stands now; `at` is the step that the tab shows, else the draft's own."""
        problems, overwritten = (outcome.problems, outcome.overwritten) if outcome else ({}, ())
        return wizard_views.draft_view(
            self.wizard,
            self.row,
            self.around,
            problems=problems,
            overwritten=overwritten,
            assists=[step for step, helper in self.binding.assists.items() if self.is_open(step, helper.fills)],
            at=at,
        )

    def free(self, helper: Assist) -> list[str]:
        """Give the fields that the agent may fill and nobody has typed into."""
        draft = drafts.state_of(self.row)
        return [name for name in helper.fills if engine.is_free(draft, name)]

    def is_open(self, step: str, names: Iterable[str]) -> bool:
        """Say whether the step asks for any of these fields at present."""
        shown = {field.key for field in self.wizard.shown_fields(self.wizard.step(step), self.row.answers)}
        return not shown.isdisjoint(names)

    def order(self) -> Order:
        """Give the values that are right so far."""
        draft = drafts.state_of(self.row)
        typed = frozenset(name for name in self.wizard.fields if not engine.is_free(draft, name))
        return Order(self.row.id, engine.values_of(self.wizard, draft, self.around), self.around, typed)


@asynccontextmanager
async def hold(actor: Actor, draft_id: UUID, *, for_change: bool = True) -> AsyncIterator[Held]:
    """Open a unit of work on one's own draft; raises `NotFound`, or `NotPermitted` for the wizard's permission."""
    async with unit_of_work(actor) as session:
        row = await drafts.get_draft(session, actor, draft_id, for_change=for_change)
        wizard, binding = find(actor, row.wizard)
        yield Held(session, wizard, binding, row, await surroundings(session, actor, binding))


def find(actor: Actor, key: str) -> tuple[Wizard, Binding]:
    """Give a wizard and its binding; raises `NotFound`, or `NotPermitted` for the wizard's permission."""
    wizard = WIZARDS.get(key)
    if wizard is None:
        raise NotFound("There is no such wizard")
    actor.require(wizard.permission)
    return wizard, BINDINGS[key]


async def surroundings(session: AsyncSession, actor: Actor, binding: Binding) -> Surroundings:
    """Give what answers are judged against: the moment, the tenant's zone and currency, and its lists."""
    tenant = await records.get_tenant(session, actor.tenant_id)
    lists = {name: await give(session, actor) for name, give in binding.lists.items()}
    return Surroundings(now=utc_now(), zone=tenant.timezone, currency=tenant.currency, choices=lists)
