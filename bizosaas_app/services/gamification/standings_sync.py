"""Bringing the copies in Valkey into step with PostgreSQL after a commit.

Values are absolute and read after our turn has come, so that delivering a row twice, or late, does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.cache import Cache
from bizosaas_app.services.gamification import boards, people, standings
from bizosaas_app.services.gamification.people import Person
from bizosaas_app.services.gamification.standings import Change
from bizosaas_app.services.outbox import OutboxRow
from models import LeaderboardEntry

EVERY_PERIOD = "*"
"""Period of a change that concerns a board as a whole."""

_Wanted = dict[tuple[UUID, str], set[UUID]]

_READ = text("""
SELECT w.board, w.period, w.member, e.score, e.reached_at
FROM unnest(CAST(:boards AS uuid[]), CAST(:periods AS text[]), CAST(:users AS uuid[])) AS w (board, period, member)
LEFT JOIN leaderboard_entries e ON e.tenant_id = :tenant_id
    AND e.leaderboard_id = w.board AND e.period = w.period AND e.user_id = w.member
""")


async def deliver(
    session: AsyncSession, cache: Cache, tenant_id: UUID, rows: Sequence[OutboxRow], *, now: datetime
) -> set[str]:
    """Write what these rows owe; give the keys of the news: `board:period`, or the ledger itself."""
    payloads = [row.payload for row in rows]
    changed_people = {UUID(payload["person"]) for payload in payloads if "person" in payload}
    wanted = _entries_of(payloads)
    for board_id, period, user_id in await _places_of(session, changed_people):
        wanted.setdefault((board_id, period), set()).add(user_id)
    known = {board.id: board for board in await boards.list_boards(session)}
    wanted = {place: users for place, users in wanted.items() if place[0] in known}
    members = await people.find_people(session, changed_people.union(*wanted.values()))
    changes = await _read_changes(session, tenant_id, wanted, members)
    async with cache.client.pipeline(transaction=False) as pipe:
        names = {user_id: members[user_id] for user_id in changed_people & members.keys()}
        await standings.keep_people(pipe, tenant_id, await standings.run_of(cache), names)
        for (board_id, period), moved in changes.items():
            copy = await standings.copy_of(cache, known[board_id], period, now=now)
            await standings.apply(pipe, cache, copy, moved)
        await pipe.execute()
    redefined = {f"{payload['board']}:{EVERY_PERIOD}" for payload in payloads if "board" in payload}
    ledger_news = {row.key for row in rows if "entries" in row.payload}
    return redefined | ledger_news | {f"{board_id}:{period}" for board_id, period in wanted}


def _entries_of(payloads: Iterable[Mapping[str, Any]]) -> _Wanted:
    wanted: _Wanted = {}
    for payload in payloads:
        for key, users in payload.get("entries", {}).items():
            board_id, _, period = key.partition(":")
            wanted.setdefault((UUID(board_id), period), set()).update(map(UUID, users))
    return wanted


async def _places_of(session: AsyncSession, user_ids: set[UUID]) -> list[tuple[UUID, str, UUID]]:
    """List every entry of these members: a change of privacy concerns each of them."""
    if not user_ids:
        return []
    query = select(
        col(LeaderboardEntry.leaderboard_id), col(LeaderboardEntry.period), col(LeaderboardEntry.user_id)
    ).where(col(LeaderboardEntry.user_id).in_(user_ids))
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def _read_changes(
    session: AsyncSession, tenant_id: UUID, wanted: _Wanted, members: Mapping[UUID, Person]
) -> dict[tuple[UUID, str], list[Change]]:
    """Read the present entries; one that is gone is told as gone."""
    places = [(board_id, period, user_id) for (board_id, period), users in wanted.items() for user_id in users]
    changes: dict[tuple[UUID, str], list[Change]] = {}
    if not places:
        return changes
    found = await session.execute(
        _READ,
        {
            "tenant_id": tenant_id,
            "boards": [place[0] for place in places],
            "periods": [place[1] for place in places],
            "users": [place[2] for place in places],
        },
    )
    for board_id, period, user_id, score, reached_at in found:
        person = members.get(user_id)
        change = Change(user_id, person is not None and person.is_shown, score if person else None, reached_at)
        changes.setdefault((board_id, period), []).append(change)
    return changes
