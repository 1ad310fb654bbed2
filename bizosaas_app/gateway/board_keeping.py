"""Operations of whoever runs the leaderboards: defining and changing them."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import board_readings, board_views, cursors
from bizosaas_app.gateway.contracts.board_drafts import (
    ChangeBoard,
    CreateBoard,
    DefinitionPage,
    DefinitionView,
    KeyView,
    ListDefinitions,
    PreviewBoard,
    PreviewView,
    ReadDefinition,
    ReadResets,
    ResetsView,
    SuggestKey,
)
from bizosaas_app.gateway.contracts.leaderboards import BoardLine
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import board_drafts, board_keeping, board_previews, cron_words, resets
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.tenants import records

MANAGE: Final = "manage_leaderboards"
OPERATORS: Final = board_drafts.OPERATORS
"""How the points of each aggregate may be combined, the usual way first."""
TAKEN: Final = board_keeping.BoardExists.code
"""The refusal of a key that another board has."""
_DRAFT_KEY: Final = "draft"
"""Stands in for the key of a board that is only described."""
_UPCOMING: Final = 3


@operation("leaderboards.definitions", permission=MANAGE)
async def list_definitions(actor: Actor, command: ListDefinitions) -> DefinitionPage:
    """Give one page of the boards as they are defined, archived ones too."""
    async with unit_of_work(actor) as session:
        sheet = await board_keeping.read_sheet(session, command.q.strip(), command.status, cursors.asked(command))
        timezone = await records.read_timezone(session)
    return DefinitionPage(
        items=[board_views.board_line(Board.of(row, timezone)) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("leaderboards.definition", permission=MANAGE)
async def read_definition(actor: Actor, command: ReadDefinition) -> DefinitionView:
    """Give one board as it is defined, an archived one too."""
    async with unit_of_work(actor) as session:
        board = await board_keeping.get(session, command.key)
    line = board_views.board_line(board)
    return DefinitionView(**line.__dict__, timezone=board.timezone, recounts=list(board_keeping.COUNTING))


@operation("leaderboards.preview", permission=MANAGE)
async def preview_board(actor: Actor, command: PreviewBoard) -> PreviewView:
    """Count a board that is only described from the ledger, for its first places; nothing is written.

    Raises `InputInvalid` that names a field, or `PreviewTooLarge`.
    """
    draft = {**command.model_dump(), "key": _DRAFT_KEY}
    async with unit_of_work(actor) as session:
        preview = await board_previews.count(session, actor, draft, now=utc_now())
    return board_views.preview_view(preview)


@operation("leaderboards.resets", permission=MANAGE)
async def read_resets(actor: Actor, command: ReadResets) -> ResetsView:
    """Say in words when a cron line begins a season, and when it does next; raises `InputInvalid`."""
    resets.check(command.line)
    async with unit_of_work(actor) as session:
        timezone = await records.read_timezone(session)
    upcoming = resets.upcoming(command.line, timezone, utc_now(), count=_UPCOMING)
    return ResetsView(text=cron_words.read(command.line), upcoming=upcoming, timezone=timezone)


@operation("leaderboards.create", permission=MANAGE)
async def create_board(actor: Actor, command: CreateBoard) -> BoardLine:
    """Define a leaderboard, counted from what the ledger holds already."""
    async with unit_of_work(actor) as session:
        board = await board_keeping.create(session, actor, command.model_dump(), now=utc_now())
    return board_views.board_line(board)


@operation("leaderboards.suggest_key", permission=MANAGE)
async def suggest_key(actor: Actor, command: SuggestKey) -> KeyView:
    """Make a key of a title that no leaderboard has, archived ones included."""
    async with unit_of_work(actor) as session:
        return KeyView(key=await board_keeping.free_key(session, command.title))


@operation("leaderboards.change", permission=MANAGE)
async def change_board(actor: Actor, command: ChangeBoard) -> BoardLine:
    """Change a leaderboard, or archive it; what is to count differently is counted anew."""
    async with unit_of_work(actor) as session:
        board = await board_keeping.change(session, actor, command.key, command.change.changes(), now=utc_now())
    board_readings.forget(actor.tenant_id, command.key)
    return board_views.board_line(board)
