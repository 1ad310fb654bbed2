"""`/api/v1/gamification/leaderboards/*`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import board_keeping, industry, leaderboards
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.contracts.board_drafts import (
    BoardChange,
    ChangeBoard,
    CreateBoard,
    PreviewBoard,
    PreviewView,
)
from bizosaas_app.gateway.contracts.industry import ChangeIndustry, IndustryView, ReadIndustry
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardLine,
    BoardQuery,
    BoardView,
    ListBoards,
    ListSeasons,
    PrivacyView,
    ReadBoard,
    SeasonQuery,
    SeasonView,
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


@router.post("/preview", dependencies=[Depends(permitted(board_keeping.preview_board))])
async def preview_board(actor: SignedInActor, command: PreviewBoard) -> PreviewView:
    """The first places that a board would have; nothing is saved."""
    return await board_keeping.preview_board(actor, command)


@router.put("/privacy", dependencies=[Depends(permitted(leaderboards.set_privacy))])
async def set_privacy(actor: SignedInActor, command: SetPrivacy) -> PrivacyView:
    """Choose what others see of oneself: the name, a pseudonym, or nothing."""
    return await leaderboards.set_privacy(actor, command)


@router.get("/industry", dependencies=[Depends(permitted(industry.read_industry))])
async def read_industry(actor: SignedInActor, command: Annotated[ReadIndustry, Query()]) -> IndustryView:
    """Where the tenant stands in its industry."""
    return await industry.read_industry(actor, command)


@router.put("/industry/settings", dependencies=[Depends(permitted(industry.change_industry))])
async def change_industry(actor: SignedInActor, command: ChangeIndustry) -> IndustryView:
    """Choose the industry, and whether to take part in its comparison."""
    return await industry.change_industry(actor, command)


@router.get("/{key}", dependencies=[Depends(permitted(leaderboards.read_board))])
async def read_board(actor: SignedInActor, key: str, query: Annotated[BoardQuery, Query()]) -> BoardView:
    """Rows of a board, from the top, after a cursor or around oneself."""
    return await leaderboards.read_board(actor, ReadBoard(key=key, **query.model_dump()))


@router.get("/{key}/seasons", dependencies=[Depends(permitted(leaderboards.list_seasons))])
async def list_seasons(actor: SignedInActor, key: str, query: Annotated[SeasonQuery, Query()]) -> Page[SeasonView]:
    """The closed periods of a board with their first three, the latest first."""
    return await leaderboards.list_seasons(actor, ListSeasons(key=key, **query.model_dump()))


@router.patch("/{key}", dependencies=[Depends(permitted(board_keeping.change_board))])
async def change_board(actor: SignedInActor, key: str, change: BoardChange) -> BoardLine:
    """Change a leaderboard, or archive it."""
    return await board_keeping.change_board(actor, ChangeBoard(key=key, change=change))
