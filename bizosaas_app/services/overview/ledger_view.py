"""The events that still count: neither reversed, nor reversals themselves."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import col

from models import GamificationEvent

Q = TypeVar("Q", bound=Any)


def live_events(query: Q) -> Q:
    """Narrow a query over the ledger to the events that still count."""
    reversal = aliased(GamificationEvent)
    is_reversed = exists().where(
        col(reversal.tenant_id) == col(GamificationEvent.tenant_id),
        col(reversal.reverses_event_id) == col(GamificationEvent.event_id),
    )
    narrowed: Q = query.where(col(GamificationEvent.reverses_event_id).is_(None), ~is_reversed)
    return narrowed
