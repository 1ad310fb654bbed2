"""Events: what is recorded and what became of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, View


class NewEvent(Command):
    """An event as its sender tells it; the sender makes `event_id`, so that a replay changes nothing.

    `value` is kept with four decimals; `occurred_at` is now if left out.
    """

    event_id: UUID
    type: str = Field(min_length=1, max_length=100, examples=["order.completed"])
    user_id: UUID | None = None
    value: Decimal | None = None
    properties: dict[str, Any] = Field(default_factory=dict)
    occurred_at: Moment | None = None


class RecordEvents(Command):
    """One event, or a batch of at most 500 as `events`."""

    events: list[NewEvent] = Field(min_length=1, max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _wrap_one(cls, data: Any) -> Any:
        """Take an event that stands alone; its faults are told by its own field names."""
        if isinstance(data, dict) and "events" not in data:
            return {"events": [NewEvent.model_validate(data)]}
        return data


class RejectionView(View):
    """Why the event at this place of the batch, counted from 0, was not taken."""

    index: int
    code: str
    message: str


class RecordedView(View):
    """What became of a batch."""

    accepted: int
    duplicates: int
    rejected: list[RejectionView]


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("Must not contain a NUL character")
    return text


Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_without_nul)]


class GiveReason(Command):
    """Why an event is undone."""

    reason: Reason


class ReverseEvent(Command):
    """Undoes an event and all that was derived from it."""

    event_id: UUID
    reason: Reason


class ReversalView(View):
    """The reversal of an event; asking twice gives the first one."""

    event_id: UUID
    reversal_id: UUID
    reason: str
    reversed_at: Moment
