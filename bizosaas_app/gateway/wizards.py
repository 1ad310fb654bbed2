"""Operations of the wizards: one set for all of them; what a wizard may be used for, its declaration says."""

from __future__ import annotations

import asyncio
from typing import Final

from bizosaas_app.gateway import wizard_assists, wizard_holding
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftField,
    DraftId,
    DraftView,
    GoToStep,
    KeepFile,
    KeepSecret,
    ListWizards,
    OpenWizard,
    PreviewView,
    SaveAnswers,
    WizardLine,
    WizardsView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.gateway.wizard_bindings.binding import Found, NothingToPropose, Order
from bizosaas_app.gateway.wizard_holding import Held
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid, NotFound
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.wizards import drafts, reading, uploads
from bizosaas_app.services.wizards.catalogue import WIZARDS
from bizosaas_app.services.wizards.conditions import is_blank
from bizosaas_app.services.wizards.fields import Field, Wizard
from bizosaas_app.services.wizards.operations import (
    Complete,
    Continue,
    DraftClosed,
    Go,
    Keep,
    Save,
)
from models import WizardDraft

PERMISSION: Final = "access_admin"
"""Opens the door; each wizard then asks for its own permission."""
_UNFIT: Final = "What the agent proposes does not go with what stands in this step, so it was left out"

_NO_BUTTON: Final = "There is no such button"
_TAKEN: Final = "What was found does not go with what stands in this step, so it was left out"


@operation("wizards.list", permission=PERMISSION)
async def list_wizards(actor: Actor, command: ListWizards) -> WizardsView:  # noqa: ARG001  # no parameters
    """List the wizards that one may use, with the step that an open draft stands at."""
    async with unit_of_work(actor) as session:
        rows = {row.wizard: row for row in await drafts.list_drafts(session, actor)}
    return WizardsView(
        items=[_line(wizard, rows.get(key)) for key, wizard in WIZARDS.items() if actor.can(wizard.permission)]
    )


@operation("wizards.open", permission=PERMISSION)
async def open_wizard(actor: Actor, command: OpenWizard) -> DraftView:
    """Give one's open draft, or begin one with what the tenant's data knows already; raises `NotFound`."""
    wizard, binding = wizard_holding.find(actor, command.wizard)
    async with unit_of_work(actor) as session:
        around = await wizard_holding.surroundings(session, actor, binding)
        row = await drafts.open_draft(session, actor, wizard, now=around.now, known=await binding.known(session, actor))
        return Held(session, wizard, binding, row, around).view()


@operation("wizards.read", permission=PERMISSION)
async def read_draft(actor: Actor, command: DraftId) -> DraftView:
    """Give a draft as it stands; raises `NotFound`."""
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        return held.view(at=command.step)


@operation("wizards.save", permission=PERMISSION)
async def save(actor: Actor, command: SaveAnswers) -> DraftView:
    """Keep answers, right or wrong; raises `DraftClosed`, or `InputInvalid` for a field that is not the wizard's."""
    async with wizard_holding.hold(actor, command.draft_id) as held:
        return held.view(await held.change(Save(command.answers, command.seen)), at=command.step)


@operation("wizards.continue", permission=PERMISSION)
async def continue_step(actor: Actor, command: ContinueStep) -> DraftView:
    """Keep the answers and go on, or stay with what is wrong by field."""
    async with wizard_holding.hold(actor, command.draft_id) as held:
        return held.view(await held.change(Continue(command.answers, command.seen, command.step)))


@operation("wizards.go", permission=PERMISSION)
async def go_to_step(actor: Actor, command: GoToStep) -> DraftView:
    """Go back, or forwards as far as all is right."""
    async with wizard_holding.hold(actor, command.draft_id) as held:
        return held.view(await held.change(Go(command.step)))


@operation("wizards.preview", permission=PERMISSION)
async def preview(actor: Actor, command: DraftField) -> PreviewView:
    """Show what would come of the answers, or what keeps it from being shown; raises `NotFound` for no such preview.

    A preview stands beside the fields that would put it right, so none may keep a person from its step.
    """
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        field, show = held.wizard.fields.get(command.field), held.binding.previews.get(command.field)
        if field is None or show is None:
            raise NotFound("There is no such preview")
        try:
            return await show(held.session, actor, held.order())
        except InputInvalid as error:
            return PreviewView(title=field.label, note="; ".join(error.fields.values()), tone="bad")
        except AppError as error:
            return PreviewView(title=field.label, note=error.message, tone="bad")


@operation("wizards.act", permission=PERMISSION)
async def act(actor: Actor, command: DraftField) -> DraftView:
    """Do what the field's button says, and keep its outcome as the answer.

    The outside is not waited for inside a transaction: answers that change meanwhile make the outcome void.
    """
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        held.refuse_closed()
        field, do = held.wizard.fields.get(command.field), held.binding.acts.get(command.field)
        if field is None or do is None:
            raise NotFound(_NO_BUTTON)
        order = held.order()
        _refuse_unready(held, field, order)
        before = _revisions(held.row, field)
    found = await do(actor, order)
    outcome, guesses = (found.outcome, found.guesses) if isinstance(found, Found) else (found, {})
    async with wizard_holding.hold(actor, command.draft_id) as held:
        if _revisions(held.row, field) == before:
            if guesses and not await held.propose(guesses):
                outcome = {"state": "failed", "says": _TAKEN}
            await held.change(Keep(command.field, outcome))
        return held.view(at=command.step)


@operation("wizards.assist", permission=PERMISSION)
async def assist(actor: Actor, command: DraftId) -> DraftView:
    """Have an agent propose values for the step that is shown; what a person has typed stays as it is.

    The runs are the person's own, on the tenant's budget, and can be looked at like any other; there are none where
    all that the agent could fill was typed. Raises `NotFound` for a step without an agent, `NothingToPropose` that
    says what is missing, `AssistFailed` with the run's own words, or what asking for a run raises.
    """
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        held.refuse_closed()
        step = command.step or held.row.step
        helper = held.binding.assists.get(step)
        if helper is None:
            raise NotFound("No agent helps with this step")
        if not held.is_open(step, held.free(helper)):
            return held.view(at=command.step)
        order = held.order()
        questions = await helper.ask(held.session, actor, order)
    guesses = helper.read(await wizard_assists.hear(actor, helper, questions), order)
    async with wizard_holding.hold(actor, command.draft_id) as held:
        wanted = {name: guesses[name] for name in held.free(helper) if name in guesses}
        is_fit = await held.propose(wanted)
        if not is_fit and held.is_open(step, wanted):
            raise NothingToPropose(_UNFIT)
        return held.view(at=command.step)


@operation("wizards.keep_secret", permission=PERMISSION)
async def keep_secret(actor: Actor, command: KeepSecret) -> DraftView:
    """Put a secret into the secret store; the draft keeps only how it is shown."""
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        held.refuse_closed()
        field, kept_by = held.wizard.fields.get(command.field), held.binding.secrets
        if field is None or field.kind != "secret" or kept_by is None:
            raise InputInvalid({command.field: "There is no such field here"})
    shown = await kept_by.keep(actor, command.draft_id, command.field, command.value.strip())
    try:
        async with wizard_holding.hold(actor, command.draft_id) as held:
            await held.change(Keep(command.field, {"says": shown}))
            return held.view(at=command.step)
    except DraftClosed:  # closed meanwhile: what its closing has forgotten already must not lie there again
        await kept_by.forget(actor, command.draft_id, (command.field,))
        raise


@operation("wizards.keep_file", permission=PERMISSION)
async def keep_file(actor: Actor, command: KeepFile) -> DraftView:
    """Keep a file with the draft; raises `InputInvalid` by field for one that is not what the field takes."""
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        held.refuse_closed()
        field = held.wizard.fields.get(command.field)
        if field is None or field.kind != "file":
            raise InputInvalid({command.field: "There is no such field here"})
    checked = await asyncio.to_thread(uploads.check, field, command.content)  # a picture takes its time to be drawn
    async with wizard_holding.hold(actor, command.draft_id) as held:
        kept = await uploads.keep(held.session, held.row, field, command.name, checked, now=held.around.now)
        await held.change(Keep(command.field, kept))
        return held.view(at=command.step)


@operation("wizards.clear", permission=PERMISSION)
async def clear_field(actor: Actor, command: DraftField) -> DraftView:
    """Take away an upload, a secret or an outcome; a file and a secret are gone with it."""
    async with wizard_holding.hold(actor, command.draft_id, for_change=False) as held:
        held.refuse_closed()
        field, kept_by = held.wizard.fields.get(command.field), held.binding.secrets
    if field is not None and field.kind == "secret" and kept_by is not None:
        await kept_by.forget(actor, command.draft_id, (field.key,))
    async with wizard_holding.hold(actor, command.draft_id) as held:
        await uploads.drop(held.session, held.row, command.field)
        await held.change(Keep(command.field, None))
        return held.view(at=command.step)


@operation("wizards.complete", permission=PERMISSION)
async def complete(actor: Actor, command: DraftId) -> DraftView:
    """Do the wizard's work, once: whoever asks again is given the same result.

    The draft's lock is held from the judgement to the commit, and the work is written in the same transaction.
    """
    async with wizard_holding.hold(actor, command.draft_id) as held:
        outcome = await held.change(Complete())
        if outcome.values is not None:
            order = Order(held.row.id, outcome.values, held.around)
            result = await held.binding.complete(held.session, actor, order)
            await drafts.finish(held.session, actor, held.wizard, held.row, result.document(), now=held.around.now)
        return held.view(outcome)


@operation("wizards.discard", permission=PERMISSION)
async def discard(actor: Actor, command: DraftId) -> None:
    """Throw a draft away."""
    async with wizard_holding.hold(actor, command.draft_id) as held:
        await drafts.discard(held.session, actor, held.wizard, held.row, held.around)


def _revisions(row: WizardDraft, field: Field) -> dict[str, int]:
    """Give which saves the outcome of an act is found for."""
    return {name: row.revisions.get(name, 0) for name in field.depends_on}


def _refuse_unready(held: Held, field: Field, order: Order) -> None:
    """Refuse an act that is not asked for, or whose fields are not right yet; those not asked for do not count.

    Raises `NotFound`, or `InputInvalid` by field.
    """
    wizard, answers = held.wizard, held.row.answers
    shown = {item.key: item for step in wizard.shown_steps(answers) for item in wizard.shown_fields(step, answers)}
    if field.key not in shown:
        raise NotFound(_NO_BUTTON)
    unready = [
        shown[name]
        for name in field.depends_on
        if name in shown and name not in order.values and (shown[name].is_required or not is_blank(answers.get(name)))
    ]
    _, lacking = reading.read_all(unready, answers, held.around)
    if lacking:
        raise InputInvalid(lacking)


def _line(wizard: Wizard, row: WizardDraft | None) -> WizardLine:
    return WizardLine(
        key=wizard.key,
        title=wizard.title,
        purpose=wizard.purpose,
        steps=len(wizard.steps),
        draft_id=row.id if row else None,
        at_step=wizard.step(row.step).title if row else "",
        saved_at=row.updated_at if row else None,
    )
