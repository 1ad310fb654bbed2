"""Deliveries: publications on their way to the shop. Each is claimed, sent with its own key, and settled.

A claim is a row in state `running` with a time at which whoever holds it counts as dead; the row is then due again. The
shop is handed the publication's id as its idempotency key, so that a delivery that was cut off after it was sent is
sent again without an effect.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID, uuid5

from sqlalchemy import Executable, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit, desk_news
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.jobs.attempts import Attempts
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.sourcing.publishing import REPLACED, TASK
from models import CatalogueItem, Publication, Sourcing

Destination = Literal["catalogue", "shop"]

PUBLISHED: Final = "product.published"
ATTEMPTS: Final = Attempts(tries=8, lease=timedelta(minutes=2), first_wait=timedelta(seconds=30))
"""The last is an hour and more after the first; the lease is several times what the shop may take to answer."""

_NAMESPACE: Final = UUID("5a0c9d0b-1e6b-4f0f-9f52-0b7b8e4ec1d2")

_DUE: Final = """
SELECT p.id FROM product_publications p JOIN tenants ON tenants.id = p.tenant_id AND tenants.status = 'active'
WHERE p.state IN ('pending', 'running') AND p.next_at <= :now AND NOT EXISTS (
    SELECT FROM product_publications q
    WHERE q.product_id = p.product_id AND q.id <> p.id AND q.state = 'running'
)
"""

_HAS_DUE: Final = text(f"SELECT EXISTS ({_DUE})")

_GIVE_UP: Final = text(f"""
WITH worn AS MATERIALIZED ({_DUE} AND p.attempts >= :tries ORDER BY p.id FOR UPDATE OF p SKIP LOCKED)
UPDATE product_publications t SET state = 'failed', failure = :failure, next_at = NULL, updated_at = :now
FROM worn WHERE t.id = worn.id
""")  # noqa: S608  # our own words
"""What was tried too often: it may be what ends the processes that deliver it."""

_CLAIM: Final = text(f"""
WITH due AS MATERIALIZED (
    {_DUE} AND p.attempts < :tries ORDER BY p.id LIMIT :limit FOR UPDATE OF p SKIP LOCKED
)
UPDATE product_publications t SET
    state = 'running', destination = :destination, attempts = attempts + 1, next_at = :until, updated_at = :now
FROM due WHERE t.id = due.id
RETURNING t.id
""")  # noqa: S608  # our own words
"""One at a time for a product: an earlier delivery must not arrive behind a later one. Materialized, because a plan may
else look for due rows anew for each row that it updates, and so take more than `limit`."""


class NotFailed(Conflict):
    """Only what has failed for good is tried again by hand."""

    code = "publication_not_failed"
    title = "This publication has not failed"


class Replaced(Conflict):
    """A later publication of the product has been asked for: that one counts."""

    code = "publication_replaced"
    title = REPLACED


@dataclass(frozen=True, slots=True)
class Claim:
    """A publication in our hands; `attempt` tells ours from a later claim of the same row."""

    id: UUID
    attempt: int
    row: Publication


async def claim(session: AsyncSession, destination: Destination, *, limit: int, now: datetime) -> list[Claim]:
    """Take up to so many publications that are due, those asked for first before the others.

    None of a suspended tenant's: they wait until it is active again. What was tried too often has failed.
    """
    await session.execute(_GIVE_UP, {"failure": ATTEMPTS.given_up, "tries": ATTEMPTS.tries, "now": now})
    until = now + ATTEMPTS.lease
    values = {"destination": destination, "until": until, "now": now, "limit": limit, "tries": ATTEMPTS.tries}
    ids = list((await session.execute(_CLAIM, values)).scalars())
    query = select(Publication).where(col(Publication.id).in_(ids)).order_by(col(Publication.id))
    return [Claim(row.id, row.attempts, row) for row in (await session.exec(query)).all()]


async def leave(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    """Leave a job for what is due by now, unless one waits already."""
    if (await session.execute(_HAS_DUE, {"now": now})).scalar_one():
        await queue.enqueue(session, actor, TASK, once=TASK)


async def put_in_catalogue(session: AsyncSession, actor: Actor, claims: Sequence[Claim], *, now: datetime) -> None:
    """Publish in our own catalogue, and settle, in the transaction of the claim: nothing can come between."""
    for item in claims:
        await session.execute(_listed(item.row, now))
        _finish(item.row, now)
    await session.flush()
    await _tell(session, actor, [item.row for item in claims], now)


async def succeed(session: AsyncSession, actor: Actor, item: Claim, external_id: str, *, now: datetime) -> bool:
    """Settle a delivery that the shop has taken; False when somebody else has taken it over meanwhile."""
    row = await _held(session, item)
    if row is None:
        return False
    row.external_id = external_id
    _finish(row, now)
    await session.flush()
    await _tell(session, actor, [row], now)
    return True


async def fail(session: AsyncSession, actor: Actor, item: Claim, reason: str, *, is_final: bool, now: datetime) -> bool:
    """Note why a delivery failed, and when it is tried again: later each time, and never again after the last try."""
    row = await _held(session, item)
    if row is None:
        return False
    row.failure, row.updated_at = reason, now
    is_replaced = await _is_replaced(session, row)
    if is_final or is_replaced or ATTEMPTS.are_used_up(row.attempts):
        row.state, row.next_at = "failed", None
        row.failure = REPLACED if is_replaced else reason
    else:
        row.state, row.next_at = "pending", now + ATTEMPTS.wait_after(row.attempts, random.random())
    await session.flush()
    await desk_news.tell(session, actor, row.sourcing_id)
    return True


async def retry(session: AsyncSession, actor: Actor, publication_id: UUID, *, now: datetime) -> Publication:
    """Have a failed publication tried again from the first try on; raises `NotFound`, `NotFailed` or `Replaced`."""
    query = select(Publication).where(Publication.id == publication_id).with_for_update()
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such publication")
    if row.state != "failed":
        raise NotFailed
    if await _is_replaced(session, row):
        raise Replaced
    row.state, row.next_at, row.attempts, row.updated_at = "pending", now, 0, now
    await session.flush()
    await audit.record(session, actor, action="sourcing.retried", subject=f"publication:{row.id}")
    await queue.enqueue(session, actor, TASK, once=TASK)
    return row


def _finish(row: Publication, now: datetime) -> None:
    row.state, row.failure, row.next_at = "done", None, None
    row.published_at, row.updated_at = now, now


def _listed(row: Publication, now: datetime) -> Executable:
    values = {
        "publication_id": row.id,
        **{name: getattr(row, name) for name in ("sku", "title", "description", "keywords", "price", "currency")},
        "published_at": now,
    }
    statement = insert(CatalogueItem).values(tenant_id=row.tenant_id, product_id=row.product_id, **values)
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "product_id"],
        set_=values,
        where=col(CatalogueItem.publication_id) < statement.excluded.publication_id,
    )


async def _held(session: AsyncSession, item: Claim) -> Publication | None:
    """Give the row while it is still in our hands."""
    query = select(Publication).where(Publication.id == item.id).with_for_update()
    row = (await session.exec(query.execution_options(populate_existing=True))).one()
    return row if row.state == "running" and row.attempts == item.attempt else None


async def _is_replaced(session: AsyncSession, row: Publication) -> bool:
    query = select(Publication.id).where(Publication.product_id == row.product_id, col(Publication.id) > row.id)
    return (await session.exec(query.limit(1))).first() is not None


async def _tell(session: AsyncSession, actor: Actor, rows: Sequence[Publication], now: datetime) -> None:
    """Write into the ledger that the products are published, for whoever asked for it."""
    if not rows:
        return
    wanted = select(Sourcing.id, Sourcing.asked_by).where(col(Sourcing.id).in_({row.sourcing_id for row in rows}))
    asked_by = dict((await session.exec(wanted)).all())
    await ledger.append(
        session, actor, [_fact(row, asked_by[row.sourcing_id], now) for row in rows], now=now, source="service"
    )


def _fact(row: Publication, user_id: UUID | None, now: datetime) -> NewEvent:
    return NewEvent(
        event_id=uuid5(_NAMESPACE, f"{row.tenant_id}/{row.id}"),
        type=PUBLISHED,
        user_id=user_id,
        properties={
            "publication_id": str(row.id),
            "sku": row.sku,
            "price": plain(row.price),
            "currency": row.currency,
            "destination": row.destination,
        },
        occurred_at=now,
    )
