"""Activation: what onboarding sets up of a tenant, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import members, registration
from bizosaas_app.services.tenants import settings
from bizosaas_app.services.tenants.settings import Settings
from models import TenantProfile


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom to invite, and as what."""

    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached, how many of it, and until when."""

    goal: str
    target: int
    by: dt.date | None

    def document(self) -> dict[str, Any]:
        """Give the goal as it is kept."""
        return {"goal": self.goal, "target": self.target, "by": self.by.isoformat() if self.by else None}


@dataclass(frozen=True, slots=True)
class Wish:
    """All that onboarding decided. `logo` is a PNG; None keeps the former one."""

    settings: Settings
    website: str | None
    platforms: Sequence[str]
    goals: Sequence[Goal]
    invites: Sequence[Invitee]
    logo: bytes | None


@dataclass(frozen=True, slots=True)
class Activated:
    """What was set up: who was invited now, and who had joined before."""

    invited: Sequence[str]
    known: Sequence[str]


async def activate(session: AsyncSession, actor: Actor, wish: Wish, *, draft_id: UUID, now: datetime) -> Activated:
    """Set the tenant up; raises `InputInvalid` by field of the settings.

    The invitations' letters and the recount of another time zone's days are owed by the same transaction.
    """
    await settings.change(session, actor, asdict(wish.settings))
    await _keep_profile(session, actor, wish, draft_id, now)
    invited, known = [], []
    for person in wish.invites:
        try:
            await registration.invite(session, actor, email=person.email, name=person.name, role=person.role, now=now)
        except members.AlreadyMember:
            known.append(person.email)
        else:
            invited.append(person.email)
    await audit.record(
        session,
        actor,
        action="tenants.activated",
        subject=f"tenant:{actor.tenant_id}",
        detail={"draft": str(draft_id), "invited": len(invited), "goals": len(wish.goals)},
    )
    return Activated(invited, known)


async def find_profile(session: AsyncSession, *, for_change: bool = False) -> TenantProfile | None:
    """Give the tenant's profile, or None before its first onboarding."""
    query = select(TenantProfile)
    return (await session.exec(query.with_for_update() if for_change else query)).one_or_none()


async def _keep_profile(session: AsyncSession, actor: Actor, wish: Wish, draft_id: UUID, now: datetime) -> None:
    row = await find_profile(session, for_change=True)
    if row is None:
        row = TenantProfile(
            tenant_id=actor.tenant_id, draft_id=draft_id, activated_by=actor.member_id(), activated_at=now
        )
    row.draft_id, row.website, row.platforms = draft_id, wish.website, list(wish.platforms)
    row.goals = [goal.document() for goal in wish.goals]
    row.activated_by, row.activated_at = actor.member_id(), now
    if wish.logo is not None:
        row.logo, row.logo_type = wish.logo, "image/png"
    session.add(row)
    await session.flush()
