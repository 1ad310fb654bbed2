"""Notices: written in the transaction that has the news, shown at once in every open page of the member.

Each member has chosen where to be told of each kind (`preferences.py`). A notice with a `key` is told once to its
member for as long as it is kept, however often it is derived again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import outbox
from bizosaas_app.services.notifications import preferences
from bizosaas_app.services.notifications.kinds import Channels, Kind
from models import Notification

__all__ = ["MAIL_TOPIC", "TOPIC", "Kind", "Notice", "tell", "tell_all", "wake"]

TOPIC: Final = "notifications"
"""Outbox topic; the key of its news is `user:<id>`."""
MAIL_TOPIC: Final = "notification_mail"
"""Outbox topic of the mails that a member's notices owe; the same key."""

_ROWS_AT_ONCE: Final = 1000
"""Eleven values a row; PostgreSQL takes 65,535 in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one member should know; `path` is the page of ours that it leads to."""

    kind: Kind
    user_id: UUID
    title: str
    body: str = ""
    path: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None


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
    key: str | None = None,
) -> None:
    """Leave a notice for the member, where they want it. Holds only if the work commits."""
    notice = Notice(kind=kind, user_id=user_id, title=title, body=body, path=path, data=data or {}, key=key)
    await tell_all(session, actor, [notice])


async def tell_all(session: AsyncSession, actor: Actor, notices: Sequence[Notice]) -> None:
    """Leave many notices with few statements; see `tell`."""
    for start in range(0, len(notices), _ROWS_AT_ONCE):
        some = notices[start : start + _ROWS_AT_ONCE]
        choices = await preferences.find_choices(session, {notice.user_id for notice in some})
        await leave(
            session, actor, [(item, preferences.channels_of(choices, item.user_id, item.kind)) for item in some]
        )


async def leave(session: AsyncSession, actor: Actor, wanted: Sequence[tuple[Notice, Channels]]) -> None:
    """Leave notices where the caller says, for one who has asked for the members' choices; a thousand at most."""
    rows = [_row(actor, notice, channels) for notice, channels in wanted if not channels.is_silent]
    if rows:
        await _write(session, actor, rows)


async def wake(session: AsyncSession, actor: Actor, user_id: UUID) -> None:
    """Have the member's open pages look at their notices again, once the work has committed."""
    await _owe(session, actor, TOPIC, [user_id])


def _row(actor: Actor, notice: Notice, channels: Channels) -> dict[str, Any]:
    now = utc_now()
    return {
        "tenant_id": actor.tenant_id,
        "id": new_id(),
        "user_id": notice.user_id,
        "kind": notice.kind,
        "title": notice.title,
        "body": notice.body,
        "data": {**notice.data, **({"path": notice.path} if notice.path else {})},
        "key": notice.key,
        "in_app": channels.in_app,
        "mail_due": channels.by_mail,
        "created_at": now,
        "read_at": None if channels.in_app else now,
    }


_INSERT: Final = (
    insert(Notification.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare it
    .on_conflict_do_nothing(index_elements=["tenant_id", "user_id", "key"])
    .returning(col(Notification.user_id), col(Notification.in_app), col(Notification.mail_due))
)


async def _write(session: AsyncSession, actor: Actor, rows: list[dict[str, Any]]) -> None:
    """Insert what has not been told before, and owe its members the news."""
    # In one order for all: two transactions that tell the same keys must not wait for each other in a circle.
    ordered = sorted(rows, key=lambda row: (row["user_id"], row["key"] or ""))
    written = (await session.execute(_INSERT, ordered)).all()
    await _owe(session, actor, TOPIC, {user_id for user_id, in_app, _ in written if in_app})
    await _owe(session, actor, MAIL_TOPIC, {user_id for user_id, _, mail_due in written if mail_due})


async def _owe(session: AsyncSession, actor: Actor, topic: str, user_ids: Collection[UUID]) -> None:
    """Owe each member one delivery, however many notices this transaction leaves for them.

    Remembered for each savepoint, since what is owed goes when the savepoint is rolled back.
    """
    sync = session.sync_session
    place = sync.get_nested_transaction() or sync.get_transaction()
    owed: set[tuple[str, UUID]] = session.info.setdefault("notices_owed", {}).setdefault(place, set())
    for user_id in sorted(user_ids):
        if (topic, user_id) not in owed:
            owed.add((topic, user_id))
            await outbox.enqueue(session, actor, topic, f"user:{user_id}", {})
