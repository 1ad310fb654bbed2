"""The ledger's operations."""

from __future__ import annotations

from bizosaas_app.gateway.contracts.events import (
    NewEvent,
    RecordedView,
    RecordEvents,
    RejectionView,
    ReversalView,
    ReverseEvent,
)
from bizosaas_app.gateway.contracts.vocabulary import EventFieldView, EventTypeView, ReadVocabulary, VocabularyView
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import ledger, vocabulary


@operation("events.record", permission="record_events")
async def record_events(actor: Actor, command: RecordEvents) -> RecordedView:
    """Append events, each exactly once by its id; one that cannot be taken does not hold up the others."""
    events = [_new_event(event) for event in command.events]
    async with unit_of_work(actor) as session:
        done = await ledger.append(session, actor, events, now=utc_now(), source="api")
    rejected = [RejectionView(index=item.index, code=item.code, message=item.message) for item in done.rejected]
    return RecordedView(accepted=done.accepted, duplicates=done.duplicates, rejected=rejected)


@operation("events.reverse", permission="record_events")
async def reverse_event(actor: Actor, command: ReverseEvent) -> ReversalView:
    """Undo an event and what was derived from it; a second time changes nothing."""
    async with unit_of_work(actor) as session:
        done = await ledger.reverse(session, actor, command.event_id, reason=command.reason, now=utc_now())
        if done.is_new:
            await audit.record(
                session,
                actor,
                action="events.reversed",
                subject=f"event:{command.event_id}",
                detail={"reason": command.reason},
            )
    return ReversalView(event_id=done.event_id, reversal_id=done.id, reason=done.reason, reversed_at=done.reversed_at)


@operation("events.vocabulary", permission="manage_achievements", also=("manage_leaderboards",))
async def read_vocabulary(actor: Actor, command: ReadVocabulary) -> VocabularyView:  # noqa: ARG001  # asks for nothing
    """Give the event types that rules can count, with the fields of their latest events."""
    async with unit_of_work(actor) as session:
        found = await vocabulary.read(session, actor.tenant_id)
    return VocabularyView(types=[_event_type(word) for word in found])


def _event_type(word: vocabulary.Word) -> EventTypeView:
    fields = [EventFieldView(name=name, kind=kind) for name, kind in word.fields]
    return EventTypeView(type=word.type, is_seen=word.is_seen, fields=fields)


def _new_event(event: NewEvent) -> ledger.NewEvent:
    return ledger.NewEvent(
        event_id=event.event_id,
        type=event.type,
        user_id=event.user_id,
        value=event.value,
        properties=event.properties,
        occurred_at=event.occurred_at,
    )
