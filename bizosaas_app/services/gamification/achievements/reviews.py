"""Reviews: unlocks that wait for a person, and what the person has decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import sheets
from bizosaas_app.services.gamification.achievements.manipulation import Doubt
from bizosaas_app.services.gamification.achievements.standing import Claim
from models import Achievement, AchievementReview, Member

Decision = Literal["confirm", "revoke"]

_STATUS: dict[Decision, str] = {"confirm": "confirmed", "revoke": "revoked"}


class AlreadyDecided(Conflict):
    """A decision stands: the member has been told."""

    code = "review_decided"
    title = "This review has been decided already"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reviews; `words` are looked for in the member's name and address and in the achievement's name."""

    status: str | None = None
    words: str = ""


async def read(session: AsyncSession, user_ids: Collection[UUID]) -> dict[Claim, str]:
    """Give the reviews of these members by their status."""
    query = select(AchievementReview).where(col(AchievementReview.user_id).in_(user_ids))
    return {Claim(row.user_id, row.achievement_id, row.period): row.status for row in await session.exec(query)}


async def open_all(session: AsyncSession, tenant_id: UUID, doubts: Mapping[Claim, Doubt], now: datetime) -> None:
    """Put these unlocks before a person, each once."""
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "achievement_id": claim.achievement_id,
            "user_id": claim.user_id,
            "period": claim.period,
            "code": doubt.code,
            "detail": doubt.detail,
            "event_ids": list(doubt.event_ids),
            "status": "open",
            "note": "",
            "created_at": now,
        }
        for claim, doubt in doubts.items()
    ]
    if rows:
        await session.execute(insert(AchievementReview).values(rows).on_conflict_do_nothing())


async def list_reviews(
    session: AsyncSession, wanted: Wanted, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[AchievementReview, Achievement, Member]]:
    """List reviews by the time they were opened, with what they are about."""
    query = (
        select(AchievementReview, Achievement, Member)
        .join(Achievement, _OF_ACHIEVEMENT)
        .join(Member, _OF_MEMBER)
        .where(*_conditions(wanted))
        .order_by(col(AchievementReview.created_at), col(AchievementReview.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(col(AchievementReview.created_at), col(AchievementReview.id)) > after)
    return list((await session.exec(query)).all())


async def count_reviews(session: AsyncSession, wanted: Wanted) -> int:
    """Count the reviews that are wanted."""
    query = select(func.count()).select_from(AchievementReview)
    query = query.join(Achievement, _OF_ACHIEVEMENT).join(Member, _OF_MEMBER).where(*_conditions(wanted))
    return (await session.exec(query)).one()


_OF_ACHIEVEMENT: Final = col(Achievement.id) == col(AchievementReview.achievement_id)
_OF_MEMBER: Final = col(Member.id) == col(AchievementReview.user_id)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(col(AchievementReview.status) == wanted.status)
    if wanted.words:
        found.append(sheets.containing(wanted.words, col(Member.name), col(Member.email), col(Achievement.name)))
    return found


async def get(session: AsyncSession, review_id: UUID) -> AchievementReview:
    """Give the review, or raise `NotFound`."""
    query = select(AchievementReview).where(AchievementReview.id == review_id)
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such review")
    return row


async def decide(
    session: AsyncSession, actor: Actor, review_id: UUID, *, decision: Decision, note: str, now: datetime
) -> AchievementReview:
    """Write the decision down; the review exists. Raises `AlreadyDecided`."""
    query = select(AchievementReview).where(AchievementReview.id == review_id).with_for_update()
    row = (await session.exec(query.execution_options(populate_existing=True))).one()
    if row.status != "open":
        raise AlreadyDecided
    row.status, row.note, row.decided_at, row.decided_by = _STATUS[decision], note, now, actor.user_id
    session.add(row)
    await session.flush()
    return row
