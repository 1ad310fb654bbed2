"""`/api/v1/gamification/leaderboards/*`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import board_keeping, leaderboards
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.contracts.board_drafts import BoardChange, ChangeBoard, CreateBoard
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardLine,
    BoardQuery,
    BoardView,
    ListBoards,
    PrivacyView,
    ReadBoard,
    SetPrivacy,
)
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("", dependencies=[Depends(permitted(leaderboards.list_boards))])
async def list_boards(actor: SignedInActor, command: Annotated[ListBoards, Query()]) -> Page[BoardLine]:
    """The boards that one may see."""
    return await leaderboards.list_boards(actor, command)


@router.post("", status_code=201, dependencies=[Depends(permitted(board_keeping.create_board))])
async def create_board(actor: SignedInActor, command: CreateBoard) -> BoardLine:
    """Define a leaderboard, counted from what the ledger holds already."""
    return await board_keeping.create_board(actor, command)


@router.put("/privacy", dependencies=[Depends(permitted(leaderboards.set_privacy))])
async def set_privacy(actor: SignedInActor, command: SetPrivacy) -> PrivacyView:
    """Choose what others see of oneself: the name, a pseudonym, or nothing."""
    return await leaderboards.set_privacy(actor, command)


@router.get("/{key}", dependencies=[Depends(permitted(leaderboards.read_board))])
async def read_board(actor: SignedInActor, key: str, query: Annotated[BoardQuery, Query()]) -> BoardView:
    """Rows of a board, from the top, after a cursor or around oneself."""
    return await leaderboards.read_board(actor, ReadBoard(key=key, **query.model_dump()))


@router.patch("/{key}", dependencies=[Depends(permitted(board_keeping.change_board))])
async def change_board(actor: SignedInActor, key: str, change: BoardChange) -> BoardLine:
    """Change a leaderboard, or archive it."""
    return await board_keeping.change_board(actor, ChangeBoard(key=key, change=change))
