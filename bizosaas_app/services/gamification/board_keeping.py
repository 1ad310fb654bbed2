"""Keeping boards: defining, changing and archiving them. What is counted is counted from the ledger at once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit, outbox, sheets
from bizosaas_app.services.gamification import board_drafts, boards, projector
from bizosaas_app.services.gamification.definitions import Board
from models import BoardTop, Leaderboard, RankSnapshot, Tenant

MOST_BOARDS: Final = 100
"""Active boards of a tenant: each event is weighed by every one of them."""

COUNTING: Final = ("metric", "sort", "tie_rule", "operator", "caps", "resets")
"""Parts of a definition that decide what is counted, or how it ranks."""

_NO_KEY: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_STEM: Final = 56
"""Leaves room for a number in the 63 letters of a key."""


class BoardExists(Conflict):
    """Keys name boards in addresses, so each is given once; an archived board keeps its key."""

    code = "leaderboard_exists"
    title = "There is a leaderboard of this key already"


class TooManyBoards(Conflict):
    """Every board makes recording an event dearer."""

    code = "too_many_leaderboards"
    title = f"An organisation has at most {MOST_BOARDS} active leaderboards: archive one first"


async def create(session: AsyncSession, actor: Actor, draft: Mapping[str, Any], *, now: datetime) -> Board:
    """Define a board, counted from what the ledger holds already.

    Raises `InputInvalid`, `BoardExists` or `TooManyBoards`.
    """
    columns = board_drafts.check(draft)
    await projector.lock_alone(session, actor.tenant_id)
    await _check_number(session)
    row = {"tenant_id": actor.tenant_id, "id": new_id(), "status": "active", "created_at": now, "updated_at": now}
    statement = insert(Leaderboard).values(row | columns).on_conflict_do_nothing(index_elements=["tenant_id", "key"])
    if (await session.execute(statement.returning(col(Leaderboard.id)))).first() is None:
        raise BoardExists
    detail = {"metric": columns["metric"]}
    return await _settle(session, actor, draft["key"], now, action="leaderboards.created", detail=detail)


async def free_key(session: AsyncSession, title: str) -> str:
    """Give a key made of the title that no board of the tenant has, archived ones included."""
    plain = _NO_KEY.sub("-", title.casefold()).strip("-")[:_LONGEST_STEM].rstrip("-") or "board"
    taken = {*board_drafts.RESERVED, *(await session.exec(select(Leaderboard.key))).all()}
    numbered = (f"{plain}-{number}" for number in itertools.count(2))
    return plain if plain not in taken else next(key for key in numbered if key not in taken)


async def change(session: AsyncSession, actor: Actor, key: str, changes: Mapping[str, Any], *, now: datetime) -> Board:
    """Change a board; one that is to count something else, or again, is counted from the ledger anew.

    Raises `NotFound`, `InputInvalid` or `TooManyBoards`.
    """
    await projector.lock_alone(session, actor.tenant_id)
    query = select(Leaderboard).where(Leaderboard.key == key).with_for_update()
    row = (await session.exec(query)).one_or_none() if _is_key(key) else None
    if row is None:
        raise NotFound(boards.NO_SUCH_BOARD)
    columns = _merged(row, changes)
    if columns["status"] == "active" and row.status != "active":
        await _check_number(session)
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    is_other = any(name in (*COUNTING, "status") for name in changed)
    if is_other:
        row.updated_at = now
    session.add(row)
    await session.flush()
    if is_other:
        # The ranks of yesterday, and those that members were told of, were another board's.
        for table in (RankSnapshot, BoardTop):
            await session.execute(delete(table).where(col(table.leaderboard_id) == row.id))
    detail = {"changed": changed}
    return await _settle(session, actor, key, now, action="leaderboards.changed", detail=detail, is_counted=is_other)


ORDERS: Final = {"title": func.lower(col(Leaderboard.title)), "key": col(Leaderboard.key)}
"""What the list of boards can be sorted by."""


async def read_sheet(
    session: AsyncSession, words: str, status: str | None, asked: sheets.Asked
) -> sheets.Sheet[Leaderboard]:
    """Give a page of the definitions, archived ones too; raises `InputInvalid` for an unknown `sort`."""
    query = select(Leaderboard)
    if words:
        query = query.where(sheets.containing(words, col(Leaderboard.title), col(Leaderboard.key)))
    if status is not None:
        query = query.where(Leaderboard.status == status)
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(Leaderboard.id))


async def get(session: AsyncSession, key: str) -> Board:
    """Give the board of this key, an archived one too, or raise `NotFound`."""
    query = select(Leaderboard, Tenant.timezone).join(Tenant, col(Tenant.id) == col(Leaderboard.tenant_id))
    found = (await session.exec(query.where(Leaderboard.key == key))).one_or_none() if _is_key(key) else None
    if found is None:
        raise NotFound(boards.NO_SUCH_BOARD)
    return Board.of(*found)


def _is_key(key: str) -> bool:
    return board_drafts.KEY.fullmatch(key) is not None


def _merged(row: Leaderboard, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check the board as it would be; a window within a new metric takes the place of the present one."""
    present: dict[str, Any] = {
        "key": row.key,
        "title": row.title,
        "metric": row.metric,
        "sort": row.sort,
        "tie_rule": row.tie_rule,
        "operator": row.operator,
        "window": None if "window" in changes.get("metric", {}) else row.default_window,
        "resets": row.resets,
        "caps": row.caps,
        "visibility": row.visibility,
        "prizes": row.prizes,
    }
    return {**board_drafts.check({**present, **changes}), "status": changes.get("status", row.status)}


async def _settle(
    session: AsyncSession,
    actor: Actor,
    key: str,
    now: datetime,
    *,
    action: str,
    detail: Mapping[str, Any],
    is_counted: bool = True,
) -> Board:
    """Count the board, tell whoever looks at it, and write down who did it; give it."""
    board = await get(session, key)
    if is_counted and board.status == "active":
        await projector.rebuild(session, board, now)
    await outbox.enqueue(session, actor, boards.TOPIC, f"board:{board.id}", {"board": str(board.id)})
    await audit.record(session, actor, action=action, subject=f"leaderboard:{key}", detail=detail)
    return board


async def _check_number(session: AsyncSession) -> None:
    query = select(func.count()).select_from(Leaderboard).where(Leaderboard.status == "active")
    if (await session.exec(query)).one() >= MOST_BOARDS:
        raise TooManyBoards
