"""Audiences: which members of the tenant a campaign is for, and what each of them has chosen about such mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, Self
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.metrics import ANY_EVENT
from bizosaas_app.services.notifications import preferences
from bizosaas_app.services.notifications.kinds import KINDS, Channels, Kind
from models import GamificationEvent, Member

CAMPAIGN: Final[Kind] = "campaign"
"""The kind of notices that a campaign's messages are."""
LARGEST: Final = 20_000
"""Members: what one transaction plans and writes within a statement's time, with room to spare."""
REACHABLE: Final = ("active", "invited")
"""A suspended account is written to by nobody."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Who has (or has not) at least so many events of a type in the ledger within the last days; `*` is any type."""

    has: bool
    event: str
    days: int
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Audience:
    """A choice among the members; what is left empty chooses nobody away."""

    roles: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("active",)
    joined_from: date | None = None
    joined_until: date | None = None
    """Days of the tenant's time zone, both included."""
    activity: Activity | None = None
    opted_in_only: bool = False
    """Whether only those count who have said themselves that they want campaigns by mail."""

    def document(self) -> dict[str, Any]:
        """Give the audience as it is kept in its JSON column."""
        days = {name: day.isoformat() if day else None for name, day in self._days().items()}
        return {**asdict(self), "roles": list(self.roles), "statuses": list(self.statuses), **days}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Read the audience from its JSON column."""
        days = {
            name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("joined_from", "joined_until")
        }
        activity = Activity(**kept["activity"]) if kept["activity"] else None
        lists = {name: tuple(kept[name]) for name in ("roles", "statuses")}
        return cls(**{**kept, **lists, **days, "activity": activity})

    def _days(self) -> dict[str, date | None]:
        return {"joined_from": self.joined_from, "joined_until": self.joined_until}


@dataclass(frozen=True, slots=True)
class Person:
    """A member as a campaign sees them: where they are told of campaigns, and whether they chose it themselves."""

    user_id: UUID
    name: str
    email: str
    status: str
    channels: Channels
    has_chosen: bool

    def refusal(self, channel: str, *, opted_in_only: bool) -> Refusal | None:
        """Give why nothing may go to the person through a channel of this kind, None when it may."""
        if self.status not in REACHABLE:
            return "not_active"
        is_wanted = self.channels.in_app if channel == "notice" else self.channels.by_mail
        if not is_wanted:
            return "unsubscribed"
        return "not_opted_in" if opted_in_only and not self.has_chosen else None


Refusal = Literal["not_active", "unsubscribed", "not_opted_in"]


async def select_people(
    session: AsyncSession, audience: Audience, *, midnights: Midnights, now: datetime
) -> list[Person]:
    """Give the members that the audience means, in the order in which they joined.

    Raises `InputInvalid` for more of them than one campaign can have.
    """
    query = _query(audience, midnights, now).order_by(col(Member.created_at), col(Member.id)).limit(LARGEST + 1)
    rows = (await session.exec(query)).all()
    if len(rows) > LARGEST:
        raise InputInvalid({"audience": f"At most {LARGEST:,} members can be in one campaign; choose fewer"})
    return await _people(session, rows)


async def find_person(session: AsyncSession, user_id: UUID) -> Person | None:
    """Give one member as a campaign sees them now."""
    rows = (await session.exec(select(Member).where(Member.id == user_id))).all()
    return next(iter(await _people(session, rows)), None)


@dataclass(frozen=True, slots=True)
class Midnights:
    """Where the first and after the last of an audience's days begin."""

    joined_from: datetime | None
    joined_before: datetime | None


async def _people(session: AsyncSession, rows: Sequence[Member]) -> list[Person]:
    chosen = await preferences.find_choices(session, {row.id for row in rows}, kind=CAMPAIGN)
    defaults = KINDS[CAMPAIGN].defaults
    return [
        Person(
            row.id,
            row.name,
            row.email,
            row.status,
            chosen.get((row.id, CAMPAIGN), defaults),
            (row.id, CAMPAIGN) in chosen,
        )
        for row in rows
    ]


def _query(audience: Audience, midnights: Midnights, now: datetime) -> SelectOfScalar[Member]:
    query = select(Member).where(Member.status != "removed")
    if audience.roles:
        query = query.where(col(Member.role_key).in_(audience.roles))
    if audience.statuses:
        query = query.where(col(Member.status).in_(audience.statuses))
    if midnights.joined_from is not None:
        query = query.where(col(Member.created_at) >= midnights.joined_from)
    if midnights.joined_before is not None:
        query = query.where(col(Member.created_at) < midnights.joined_before)
    if audience.activity is not None:
        query = query.where(_is_active(audience.activity, now))
    return query


def _is_active(activity: Activity, now: datetime) -> ColumnElement[bool]:
    """Give the condition on the member's events that stand: one that was reversed never happened."""
    undone = aliased(GamificationEvent)
    stands = ~exists().where(col(undone.reverses_event_id) == col(GamificationEvent.event_id))
    counted = (
        select(func.count())
        .select_from(GamificationEvent)
        .where(
            col(GamificationEvent.user_id) == col(Member.id),
            col(GamificationEvent.occurred_at) > now - timedelta(days=activity.days),
            col(GamificationEvent.occurred_at) <= now,
            col(GamificationEvent.reverses_event_id).is_(None),
            stands,
        )
    )
    if activity.event != ANY_EVENT:
        counted = counted.where(GamificationEvent.type == activity.event)
    number = counted.correlate(Member).scalar_subquery()
    return number >= activity.at_least if activity.has else number < activity.at_least
