"""`/api/v1/gamification/events/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from bizosaas_app.gateway import events
from bizosaas_app.gateway.contracts.events import GiveReason, RecordedView, RecordEvents, ReversalView, ReverseEvent
from bizosaas_app.gateway.contracts.vocabulary import ReadVocabulary, VocabularyView
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.post("", status_code=202, dependencies=[Depends(permitted(events.record_events))])
async def record_events(actor: SignedInActor, command: RecordEvents) -> RecordedView:
    """Record one event (as the body itself) or up to 500 (as `events`), each exactly once by its `event_id`."""
    return await events.record_events(actor, command)


@router.get("/vocabulary", dependencies=[Depends(permitted(events.read_vocabulary))])
async def read_vocabulary(actor: SignedInActor) -> VocabularyView:
    """The event types that rules can count: those of the ledger and those that the platform knows."""
    return await events.read_vocabulary(actor, ReadVocabulary())


@router.post("/{event_id}/reverse", dependencies=[Depends(permitted(events.reverse_event))])
async def reverse_event(actor: SignedInActor, event_id: UUID, body: GiveReason) -> ReversalView:
    """Undo an event and everything that was derived from it."""
    return await events.reverse_event(actor, ReverseEvent(event_id=event_id, reason=body.reason))
