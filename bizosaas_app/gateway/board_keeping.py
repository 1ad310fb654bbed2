"""Operations of whoever runs the leaderboards: defining and changing them."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import board_readings, board_views
from bizosaas_app.gateway.contracts.board_drafts import ChangeBoard, CreateBoard
from bizosaas_app.gateway.contracts.leaderboards import BoardLine
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import board_keeping

MANAGE: Final = "manage_leaderboards"


@operation("leaderboards.create", permission=MANAGE)
async def create_board(actor: Actor, command: CreateBoard) -> BoardLine:
    """Define a leaderboard, counted from what the ledger holds already."""
    async with unit_of_work(actor) as session:
        board = await board_keeping.create(session, actor, command.model_dump(), now=utc_now())
    return board_views.board_line(board)


@operation("leaderboards.change", permission=MANAGE)
async def change_board(actor: Actor, command: ChangeBoard) -> BoardLine:
    """Change a leaderboard, or archive it; what is to count differently is counted anew."""
    async with unit_of_work(actor) as session:
        board = await board_keeping.change(session, actor, command.key, command.change.changes(), now=utc_now())
    board_readings.forget(actor.tenant_id, command.key)
    return board_views.board_line(board)
