"""Deciding a review: what a person says of a doubtful unlock, carried out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import people_locks, projector
from bizosaas_app.services.gamification.achievements import awarding, books, deriving, reviews
from bizosaas_app.services.gamification.achievements.reviews import Decision
from models import AchievementReview


async def decide(
    session: AsyncSession, actor: Actor, review_id: UUID, *, decision: Decision, note: str, now: datetime
) -> AchievementReview:
    """Confirm the unlock or take it away, with all that follows. Raises `NotFound`, or `AlreadyDecided`."""
    row = await reviews.get(session, review_id)
    await projector.lock_shared(session, actor.tenant_id)
    await people_locks.hold(session, actor.tenant_id, {row.user_id})
    row = await reviews.decide(session, actor, review_id, decision=decision, note=note, now=now)
    await audit.record(
        session,
        actor,
        action="achievements.reviewed",
        subject=f"achievement_review:{row.id}",
        detail={"decision": decision, "note": note},
    )
    book = await books.current(session, actor.tenant_id)
    definition = book.by_id.get(row.achievement_id)
    if definition is not None and definition.status == "active":
        outcome = await awarding.award(session, actor, book, {row.user_id: [definition]}, now)
        await deriving.settle(session, actor, outcome, now)
    return row
