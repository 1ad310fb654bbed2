"""Leaving: a suspended tenant is off-boarded, and may be taken back until its time of grace is over.

All but a tenant's own question goes through the platform's doors, which refuse unless the session has the platform's
signed context.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict

State = Literal["waiting", "erasing", "gone"]

_BEGIN: Final = text("SELECT app.begin_departure(:tenant, :operator, :by_user, :erase_after)")
_CANCEL: Final = text("SELECT app.cancel_departure(:tenant)")
_HOLD: Final = text("SELECT app.hold_departure()")
_LIST: Final = text("SELECT * FROM app.list_departures()")


class NotSuspended(Conflict):
    """A tenant whose people still work is not off-boarded."""

    code = "not_suspended"
    title = "Suspend the tenant before it is off-boarded"


class TooLate(Conflict):
    """Nothing waits that could be cancelled."""

    code = "offboarding_not_waiting"
    title = "Its data is being deleted already, or it was not off-boarded"


class Leaving(Conflict):
    """A tenant that leaves is not let in again as it is."""

    code = "tenant_is_leaving"
    title = "Cancel the off-boarding before the tenant is let in again"


@dataclass(frozen=True, slots=True)
class Departure:
    """A tenant that leaves or has left."""

    tenant_id: UUID
    slug: str
    asked_at: datetime
    erase_after: datetime
    state: State
    rows_erased: int
    finished_at: datetime | None


async def begin(session: AsyncSession, actor: Actor, tenant_id: UUID, *, grace: timedelta, now: datetime) -> datetime:
    """Off-board a suspended tenant and give the moment after which its data is deleted.

    Raises `NotSuspended`, also for one that is off-boarded already.
    """
    erase_after = now + grace
    values = {"tenant": tenant_id, "operator": actor.tenant_id, "by_user": actor.user_id, "erase_after": erase_after}
    if not (await session.execute(_BEGIN, values)).scalar_one():
        found = await find(session, tenant_id)
        raise NotSuspended if found is None else Leaving("This tenant is off-boarded already")
    return erase_after


async def cancel(session: AsyncSession, tenant_id: UUID) -> None:
    """Keep a tenant whose time of grace is not over; raises `TooLate`."""
    if not (await session.execute(_CANCEL, {"tenant": tenant_id})).scalar_one():
        raise TooLate


async def refuse_if_leaving(session: AsyncSession) -> None:
    """Raise `Leaving` when the session's own tenant is off-boarded; until the transaction ends it is not begun."""
    if (await session.execute(_HOLD)).scalar_one():
        raise Leaving


async def find(session: AsyncSession, tenant_id: UUID) -> Departure | None:
    """Give the departure of a tenant, or None."""
    return next((item for item in await list_all(session) if item.tenant_id == tenant_id), None)


async def list_all(session: AsyncSession) -> list[Departure]:
    """List every departure, the latest first; those of tenants that are gone too."""
    return [Departure(*row) for row in (await session.execute(_LIST)).all()]
