"""Boards: finding them, the ones that every tenant begins with, and rebuilding them from the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import outbox
from bizosaas_app.services.gamification import board_drafts, projector
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.facts import UNLOCKED
from bizosaas_app.services.gamification.periods import Window
from models import Leaderboard, Tenant

TOPIC: Final = "leaderboard"
"""Outbox topic of everything that changes what a board shows."""

NO_SUCH_BOARD: Final = "There is no leaderboard of this key"


@dataclass(frozen=True, slots=True)
class DefaultBoard:
    """A board that a new tenant is given."""

    key: str
    title: str
    metric: Mapping[str, Any]
    default_window: Window


DEFAULTS: Final[tuple[DefaultBoard, ...]] = (
    DefaultBoard("points", "Points", {"event": "*", "aggregate": "sum", "field": "value"}, "month"),
    DefaultBoard("referrals", "Approved referrals", {"event": "referral.approved", "aggregate": "count"}, "all"),
    DefaultBoard("campaigns", "Campaigns launched", {"event": "campaign.launched", "aggregate": "count"}, "all"),
    DefaultBoard(
        "achievements",
        "Achievement points",
        {"event": UNLOCKED, "aggregate": "sum", "field": "properties.points"},
        "all",
    ),
)


async def list_boards(session: AsyncSession, *, after_key: str = "", limit: int | None = None) -> list[Board]:
    """List the active boards by key, after the given one."""
    query = (
        select(Leaderboard, Tenant.timezone)
        .join(Tenant, col(Tenant.id) == col(Leaderboard.tenant_id))
        .where(Leaderboard.status == "active", Leaderboard.key > after_key)
        .order_by(col(Leaderboard.key))
        .limit(limit)
    )
    return [Board.of(row, timezone) for row, timezone in await session.exec(query)]


async def get_board(session: AsyncSession, actor: Actor, key: str) -> Board:
    """Give the active board of this key, or raise `NotFound`, also when the actor may not see it."""
    query = (
        select(Leaderboard, Tenant.timezone)
        .join(Tenant, col(Tenant.id) == col(Leaderboard.tenant_id))
        .where(Leaderboard.key == key, Leaderboard.status == "active")
    )
    found = (await session.exec(query)).one_or_none() if board_drafts.KEY.fullmatch(key) else None
    board = None if found is None else Board.of(*found)
    if board is None or not board.is_visible_to(actor):
        raise NotFound(NO_SUCH_BOARD)
    return board


async def ensure_defaults(session: AsyncSession, actor: Actor) -> None:
    """Write the default boards that the tenant lacks, counted from what its ledger holds already."""
    now = utc_now()
    await projector.lock_alone(session, actor.tenant_id)
    rows = [_row(actor, default, now) for default in DEFAULTS]
    statement = insert(Leaderboard).values(rows).on_conflict_do_nothing(index_elements=["tenant_id", "key"])
    made = set((await session.execute(statement.returning(col(Leaderboard.key)))).scalars())
    for board in await list_boards(session):
        if board.key in made:
            await projector.rebuild(session, board, now)


async def rebuild_all(session: AsyncSession, actor: Actor, *, now: datetime) -> Sequence[Board]:
    """Derive every board of the tenant from the ledger again; its copies in Valkey count no longer."""
    await projector.lock_alone(session, actor.tenant_id)
    await session.execute(update(Leaderboard).where(col(Leaderboard.status) == "active").values(updated_at=now))
    rebuilt = await list_boards(session)
    for board in rebuilt:
        await projector.rebuild(session, board, now)
        await outbox.enqueue(session, actor, TOPIC, f"board:{board.id}", {"board": str(board.id)})
    return rebuilt


def _row(actor: Actor, default: DefaultBoard, now: datetime) -> dict[str, Any]:
    return {
        "tenant_id": actor.tenant_id,
        "id": new_id(),
        "key": default.key,
        "title": default.title,
        "metric": dict(default.metric),
        "sort": "desc",
        "tie_rule": "standard",
        "operator": "incr",
        "default_window": default.default_window,
        "caps": {},
        "prizes": [],
        "status": "active",
        "created_at": now,
        "updated_at": now,
    }
