"""Notices: written in the transaction that has the news, shown at once in every open page of the member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services import outbox
from models import Notification

Kind = Literal["unlock", "rank_change", "conversion", "reward", "hold", "season", "system"]

TOPIC: Final = "notifications"
"""Outbox topic; the key of its news is `user:<id>`."""


async def tell(
    session: AsyncSession,
    actor: Actor,
    kind: Kind,
    user_id: UUID,
    *,
    title: str,
    body: str = "",
    path: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Leave a notice for the member; `path` is the page of ours that it leads to. Holds only if the work commits."""
    row = Notification(
        tenant_id=actor.tenant_id,
        user_id=user_id,
        kind=kind,
        title=title,
        body=body,
        data={**(data or {}), **({"path": path} if path else {})},
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    await outbox.enqueue(session, actor, TOPIC, f"user:{user_id}", {"notification_id": str(row.id)})
