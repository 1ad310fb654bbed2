"""The events that still count: neither reversed, nor reversals themselves, nor held for a review."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import col

from bizosaas_app.services.gamification.facts import STANDS_FOR
from models import GamificationEvent

Q = TypeVar("Q", bound=Any)


def live_events(query: Q) -> Q:
    """Narrow a query over the ledger to the events that still count."""
    reversal = aliased(GamificationEvent)
    is_reversed = exists().where(
        col(reversal.tenant_id) == col(GamificationEvent.tenant_id),
        col(reversal.reverses_event_id) == col(GamificationEvent.event_id),
    )
    narrowed: Q = query.where(
        col(GamificationEvent.reverses_event_id).is_(None), col(GamificationEvent.type).not_in(STANDS_FOR), ~is_reversed
    )
    return narrowed
