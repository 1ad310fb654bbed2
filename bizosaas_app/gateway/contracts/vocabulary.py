"""What rules can speak of: the ledger's event types and their fields."""

from __future__ import annotations

from typing import Literal

from bizosaas_app.gateway.contracts.base import Command, View


class ReadVocabulary(Command):
    """Asks for all of it."""


class EventFieldView(View):
    """A field of an event's properties, as the latest events have it."""

    name: str
    kind: Literal["number", "string", "boolean"]


class EventTypeView(View):
    """An event type; `is_seen` says whether the ledger holds one yet."""

    type: str
    is_seen: bool
    fields: list[EventFieldView]


class VocabularyView(View):
    """The event types that a trigger or a metric can count."""

    types: list[EventTypeView]
