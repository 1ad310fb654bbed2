"""`/api/v1/gamification/events/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from bizosaas_app.gateway import events
from bizosaas_app.gateway.contracts.events import GiveReason, RecordedView, RecordEvents, ReversalView, ReverseEvent
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.post("", status_code=202, dependencies=[Depends(permitted(events.record_events))])
async def record_events(actor: SignedInActor, command: RecordEvents) -> RecordedView:
    """Record one event (as the body itself) or up to 500 (as `events`), each exactly once by its `event_id`."""
    return await events.record_events(actor, command)


@router.post("/{event_id}/reverse", dependencies=[Depends(permitted(events.reverse_event))])
async def reverse_event(actor: SignedInActor, event_id: UUID, body: GiveReason) -> ReversalView:
    """Undo an event and everything that was derived from it."""
    return await events.reverse_event(actor, ReverseEvent(event_id=event_id, reason=body.reason))
