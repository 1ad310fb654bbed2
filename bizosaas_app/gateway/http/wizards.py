"""`/api/v1/wizards/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.contracts.wizards import (
    Answers,
    ContinueStep,
    DraftField,
    DraftId,
    DraftView,
    GoToStep,
    KeepFile,
    KeepSecret,
    Key,
    ListWizards,
    OpenWizard,
    PreviewView,
    SaveAnswers,
    Secret,
    Version,
    WizardsView,
)
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["wizards"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


AtStep = Annotated[Key | None, Query(description="The step that is shown, at which the draft is given")]


class Typed(Command):
    """Answers, and the version of the draft that they were typed over."""

    seen: Version
    answers: Answers


class SecretBody(Command):
    """A secret for the secret store."""

    value: Secret


@router.get("", dependencies=[Depends(permitted(wizards.list_wizards))])
async def list_wizards(actor: SignedInActor) -> WizardsView:
    """The wizards that one may use, with one's open drafts."""
    return await wizards.list_wizards(actor, ListWizards())


@router.post("/{wizard}/draft", dependencies=[Depends(permitted(wizards.open_wizard))])
async def open_wizard(actor: SignedInActor, wizard: Key) -> DraftView:
    """One's open draft of this wizard; a new one where there is none."""
    return await wizards.open_wizard(actor, OpenWizard(wizard=wizard))


@router.get("/drafts/{draft_id}", dependencies=[Depends(permitted(wizards.read_draft))])
async def read_draft(actor: SignedInActor, draft_id: UUID, step: AtStep = None) -> DraftView:
    """A draft at its present step, or at the one that is asked for."""
    return await wizards.read_draft(actor, DraftId(draft_id=draft_id, step=step))


@router.patch("/drafts/{draft_id}", dependencies=[Depends(permitted(wizards.save))])
async def save(actor: SignedInActor, draft_id: UUID, typed: Typed, step: AtStep = None) -> DraftView:
    """Keep answers, right or wrong; what they took the place of is told under `overwritten`."""
    command = SaveAnswers(draft_id=draft_id, step=step, seen=typed.seen, answers=typed.answers)
    return await wizards.save(actor, command)


@router.post("/drafts/{draft_id}/steps/{step}/continue", dependencies=[Depends(permitted(wizards.continue_step))])
async def continue_step(actor: SignedInActor, draft_id: UUID, step: Key, typed: Typed) -> DraftView:
    """Keep the answers of the step and go on; `problems` says what keeps it from going on."""
    command = ContinueStep(draft_id=draft_id, step=step, seen=typed.seen, answers=typed.answers)
    return await wizards.continue_step(actor, command)


@router.post("/drafts/{draft_id}/steps/{step}", dependencies=[Depends(permitted(wizards.go_to_step))])
async def go_to_step(actor: SignedInActor, draft_id: UUID, step: Key) -> DraftView:
    """Go back to a step, or forwards as far as all is right."""
    return await wizards.go_to_step(actor, GoToStep(draft_id=draft_id, step=step))


@router.get("/drafts/{draft_id}/previews/{field}", dependencies=[Depends(permitted(wizards.preview))])
async def preview(actor: SignedInActor, draft_id: UUID, field: Key) -> PreviewView:
    """What would come of the answers; nothing is written."""
    return await wizards.preview(actor, DraftField(draft_id=draft_id, field=field))


@router.post("/drafts/{draft_id}/acts/{field}", dependencies=[Depends(permitted(wizards.act))])
async def act(actor: SignedInActor, draft_id: UUID, field: Key, step: AtStep = None) -> DraftView:
    """Do what the field's button says; its outcome becomes the answer."""
    return await wizards.act(actor, DraftField(draft_id=draft_id, field=field, step=step))


@router.post("/drafts/{draft_id}/assist", dependencies=[Depends(permitted(wizards.assist))])
async def assist(actor: SignedInActor, draft_id: UUID, step: AtStep = None) -> DraftView:
    """Have an agent propose values for the present step; fields say in `guess` why, and what was typed stays."""
    return await wizards.assist(actor, DraftId(draft_id=draft_id, step=step))


@router.put("/drafts/{draft_id}/secrets/{field}", dependencies=[Depends(permitted(wizards.keep_secret))])
async def keep_secret(actor: SignedInActor, draft_id: UUID, field: Key, body: SecretBody) -> DraftView:
    """Put a secret into the secret store; the draft keeps only how it is shown."""
    return await wizards.keep_secret(actor, KeepSecret(draft_id=draft_id, field=field, value=body.value))


@router.put(
    "/drafts/{draft_id}/files/{field}",
    dependencies=[Depends(permitted(wizards.keep_file))],
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def keep_file(
    actor: SignedInActor,
    draft_id: UUID,
    field: Key,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=200)],
) -> DraftView:
    """Keep the body as the field's file; it is known by its content, whatever it is called."""
    content = await request.body()
    return await wizards.keep_file(actor, KeepFile(draft_id=draft_id, field=field, name=name, content=content))


@router.delete("/drafts/{draft_id}/fields/{field}", dependencies=[Depends(permitted(wizards.clear_field))])
async def clear_field(actor: SignedInActor, draft_id: UUID, field: Key, step: AtStep = None) -> DraftView:
    """Take away a file, a secret or an outcome."""
    return await wizards.clear_field(actor, DraftField(draft_id=draft_id, field=field, step=step))


@router.post("/drafts/{draft_id}/complete", dependencies=[Depends(permitted(wizards.complete))])
async def complete(actor: SignedInActor, draft_id: UUID) -> DraftView:
    """Do the wizard's work, once; `problems` says what keeps it from that, `finish` what was made."""
    return await wizards.complete(actor, DraftId(draft_id=draft_id))


@router.delete("/drafts/{draft_id}", status_code=204, dependencies=[Depends(permitted(wizards.discard))])
async def discard(actor: SignedInActor, draft_id: UUID) -> None:
    """Throw a draft away, with its files."""
    await wizards.discard(actor, DraftId(draft_id=draft_id))
