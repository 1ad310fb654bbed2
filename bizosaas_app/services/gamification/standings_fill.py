"""Making a copy of a board in Valkey from PostgreSQL, whole or not at all.

The draft is written beside the real keys and takes their place in one step. Meanwhile nobody else delivers
changes of the tenant's boards: what is committed during the fill waits in the outbox and is applied to the new
copy, so nothing falls between the two.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import outbox
from bizosaas_app.services.gamification import people, standings
from bizosaas_app.services.gamification import standings_scripts as scripts
from bizosaas_app.services.gamification.boards import TOPIC
from bizosaas_app.services.gamification.people import Person
from bizosaas_app.services.gamification.standings import Change, Copy
from models import LeaderboardEntry, Member

_STREAMED: Final = 1000
"""Entries of one script call: some 150 KB, and well below a millisecond's stall of Valkey per hundred."""
_DRAFT_SECONDS: Final = 600
"""A draft that a crash left behind is gone after so long."""


async def fill(session: AsyncSession, cache: Cache, copy: Copy) -> None:
    """Make the copy, unless somebody has made it while we waited for our turn."""
    await outbox.lock_topic(session, copy.board.tenant_id, TOPIC)
    if await standings.read(cache, copy) is not None:
        return
    draft = f"draft-{new_id()}"
    keys = copy.keys(draft=draft)
    await _write_draft(session, cache, copy, draft)
    await cache.script(scripts.PUBLISH)(keys=[*keys, *copy.keys()], args=[copy.expiry])


async def fill_people(
    session: AsyncSession, cache: Cache, tenant_id: UUID, user_ids: Collection[UUID]
) -> dict[UUID, Person]:
    """Put the names of these members into Valkey and give them; in our turn, lest an old name replaces a newer."""
    await outbox.lock_topic(session, tenant_id, TOPIC)
    found = await people.find_people(session, user_ids)
    run = await standings.run_of(cache)
    async with cache.client.pipeline(transaction=False) as pipe:
        await standings.keep_people(pipe, tenant_id, run, found)
        await pipe.execute()
    return found


async def _write_draft(session: AsyncSession, cache: Cache, copy: Copy, draft: str) -> None:
    """Write the draft, Valkey taking in one part while PostgreSQL gives the next."""
    writing: asyncio.Task[None] | None = None
    await cache.script(scripts.BEGIN)(keys=copy.keys(draft=draft), args=[copy.stamp, _DRAFT_SECONDS])
    try:
        async for changes in _entries(session, copy):
            if writing is not None:
                await writing
            writing = asyncio.create_task(_write_part(cache, copy, changes, draft))
    finally:
        if writing is not None:
            await writing


async def _write_part(cache: Cache, copy: Copy, changes: Sequence[Change], draft: str) -> None:
    keys = copy.keys(draft=draft)
    async with cache.client.pipeline(transaction=False) as pipe:
        await standings.apply(pipe, cache, copy, changes, draft=draft)
        for key in keys:
            pipe.expire(key, _DRAFT_SECONDS)
        await pipe.execute()


async def _entries(session: AsyncSession, copy: Copy) -> AsyncIterator[Sequence[Change]]:
    query = (
        select(
            col(LeaderboardEntry.user_id),
            col(LeaderboardEntry.score),
            col(LeaderboardEntry.reached_at),
            col(Member.name),
            col(Member.leaderboard_privacy),
            col(Member.status),
        )
        .join(Member, col(Member.id) == col(LeaderboardEntry.user_id))
        .where(col(LeaderboardEntry.leaderboard_id) == copy.board.id, col(LeaderboardEntry.period) == copy.period)
    )
    # A cursor is planned for its first rows; here all are wanted, and a million of them in half the time.
    await session.execute(text("set local cursor_tuple_fraction = 1"))
    result = await session.stream(query.execution_options(yield_per=_STREAMED))
    async for rows in result.partitions():
        yield [
            Change(user_id, Person.of(*who).is_shown, score, reached_at) for user_id, score, reached_at, *who in rows
        ]
