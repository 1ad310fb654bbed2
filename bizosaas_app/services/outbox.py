"""The outbox: what a transaction still owes to the world once it is committed.

A row is written in the transaction that causes it and deleted when the relay (`gateway/relay.py`) has delivered
it; so a crash between commit and delivery loses nothing, and a rolled back transaction owes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, delete, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.database import after_commit
from models import OutboxMessage

Kick = Callable[[UUID, str], object]
"""Told of a tenant and a topic with rows just committed; returns at once."""

_kick: Kick | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One debt: `topic` chooses who pays it, `key` names what it is about."""

    id: int
    topic: str
    key: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WaitingTopic:
    """A topic with rows that wait: how many, and since when."""

    name: str
    rows: int
    oldest_at: datetime


def on_commit(kick: Kick | None) -> None:
    """Have `kick` called after each commit that left rows; None leaves them to the sweeper."""
    global _kick  # noqa: PLW0603  # one relay in a process; this is the only place that sets it
    _kick = kick


async def enqueue(session: AsyncSession, actor: Actor, topic: str, key: str, payload: Mapping[str, Any]) -> None:
    """Owe this to the handler of the topic; holds only if the transaction commits. Nothing secret goes in."""
    await session.execute(
        insert(OutboxMessage).values(
            tenant_id=actor.tenant_id, topic=topic, key=key, payload=dict(payload), created_at=utc_now()
        )
    )
    owed: set[str] = session.info.setdefault("outbox_topics", set())
    if topic not in owed:
        owed.add(topic)
        after_commit(session, partial(_call_relay, actor.tenant_id, topic))


async def _call_relay(tenant_id: UUID, topic: str) -> None:
    if _kick is not None:
        _kick(tenant_id, topic)


async def lock_topic(session: AsyncSession, tenant_id: UUID, topic: str) -> None:
    """Wait for our turn to deliver this topic of the tenant, and keep it until the transaction ends.

    Over all workers one delivers at a time, so that no older state is written over a newer one.
    """
    await session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"outbox:{topic}:{tenant_id}"}
    )


async def list_topics(session: AsyncSession) -> list[WaitingTopic]:
    """List the topics that wait in this tenant."""
    query = select(OutboxMessage.topic, func.count(), func.min(OutboxMessage.created_at)).group_by(OutboxMessage.topic)
    return [WaitingTopic(*row) for row in await session.exec(query)]


async def list_rows(session: AsyncSession, topic: str, *, limit: int, skip: Collection[int] = ()) -> list[OutboxRow]:
    """List the oldest rows of a topic but those in `skip`."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.topic == topic, col(OutboxMessage.id).not_in(skip))
        .order_by(col(OutboxMessage.id))
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [OutboxRow(row.id or 0, row.topic, row.key, row.payload) for row in rows]


async def discard(session: AsyncSession, ids: Collection[int]) -> None:
    """Delete rows that were delivered."""
    await session.execute(delete(OutboxMessage).where(col(OutboxMessage.id).in_(ids)))


async def list_waiting_tenants(session: AsyncSession) -> list[UUID]:
    """List the tenants with any row, through the door function; needs no tenant context."""
    return [row[0] for row in await session.execute(text("select * from app.outbox_tenants()"))]
