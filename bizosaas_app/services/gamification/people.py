"""People on boards: their names, and what others may see of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services import audit, outbox
from bizosaas_app.services.gamification.boards import TOPIC
from models import Member, Membership

Privacy = Literal["public", "pseudonym", "hidden"]

PUBLIC: Final = "public"
HIDDEN: Final = "hidden"


@dataclass(frozen=True, slots=True)
class Person:
    """A member as boards know them; a suspended one counts as hidden."""

    name: str
    privacy: str

    @classmethod
    def of(cls, name: str, privacy: str, status: str) -> Person:
        """Make the person of a member's columns."""
        return cls(name, HIDDEN if status == "suspended" else privacy)

    @property
    def is_shown(self) -> bool:
        """Whether others see a row of this person, under whichever name."""
        return self.privacy != HIDDEN


def shown() -> ColumnElement[bool]:
    """Give the condition on `members` for those of whom others see a row; `Person.is_shown` in SQL."""
    return and_(col(Member.leaderboard_privacy) != HIDDEN, col(Member.status) != "suspended")


async def find_people(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Give the members among these users."""
    query = select(Member.id, Member.name, Member.leaderboard_privacy, Member.status).where(
        col(Member.id).in_(user_ids)
    )
    return {row[0]: Person.of(*row[1:]) for row in await session.exec(query)}


async def get_privacy(session: AsyncSession, actor: Actor) -> Privacy:
    """Give what the member lets others see of them, or raise `NotFound`."""
    query = select(Membership.leaderboard_privacy).where(Membership.user_id == actor.member_id())
    mode = (await session.exec(query)).one_or_none()
    if mode is None:
        raise NotFound
    return cast(Privacy, mode)  # a CHECK keeps the column to these words


async def set_privacy(session: AsyncSession, actor: Actor, mode: Privacy) -> None:
    """Choose what others see of the member on every board; in force once the outbox is delivered."""
    query = select(Membership).where(Membership.user_id == actor.member_id()).with_for_update()
    membership = (await session.exec(query)).one_or_none()
    if membership is None:
        raise NotFound
    if membership.leaderboard_privacy == mode:
        return
    detail = {"from": membership.leaderboard_privacy, "to": mode}
    await audit.record(
        session, actor, action="leaderboards.privacy", subject=f"user:{membership.user_id}", detail=detail
    )
    membership.leaderboard_privacy = mode
    session.add(membership)
    await announce(session, actor, membership.user_id)


async def announce(session: AsyncSession, actor: Actor, user_id: UUID) -> None:
    """Bring every board into step with a member whose name, status or privacy this transaction changes."""
    await outbox.enqueue(session, actor, TOPIC, f"person:{user_id}", {"person": str(user_id)})
