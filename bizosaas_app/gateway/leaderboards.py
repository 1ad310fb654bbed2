"""The leaderboards' operations, and the live board."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from bizosaas_app.gateway import board_feeds, board_readings, board_views, cursors, live, relay
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardLine,
    BoardView,
    ListBoards,
    ListSeasons,
    PrivacyView,
    ReadBoard,
    ReadPrivacy,
    SeasonView,
    SetPrivacy,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, Unavailable
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import board_drafts, board_keeping, boards, people, periods, seasons
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.periods import Window

READ: Final = "view_leaderboards"
CHANGE: Final = "manage_leaderboards"
MAIN_BOARD: Final = "points"
_SETTLE_SECONDS: Final = 0.1
"""How long a reader waits for what this worker has just committed: one sees one's own points at once."""


@operation("leaderboards.list", permission=READ)
async def list_boards(actor: Actor, command: ListBoards) -> Page[BoardLine]:
    """List the boards that the actor may see, by key."""
    after = _key_of(command.cursor)
    async with unit_of_work(actor) as session:
        found = await boards.list_boards(session, after_key=after, limit=command.limit + 1)
    page = found[: command.limit]
    cursor = _cursor_after(page[-1].key) if len(found) > command.limit else None
    return Page[BoardLine](
        items=[board_views.board_line(board) for board in page if board.is_visible_to(actor)], next_cursor=cursor
    )


@operation("leaderboards.read", permission=READ)
async def read_board(actor: Actor, command: ReadBoard) -> BoardView:
    """Read rows of a board with the reader's own place."""
    start = board_views.position_of(command.cursor)
    board = await board_readings.find_board(actor, command.key)
    window = _window_of(board, command)
    await relay.settle(actor.tenant_id, boards.TOPIC, seconds=_SETTLE_SECONDS)
    try:
        reading = await board_readings.read_rows(
            board,
            window,
            period=command.period,
            start=start,
            limit=command.limit,
            around=actor.user_id if command.around else None,
            viewers=[actor.user_id] if actor.user_id else [],
        )
    except CacheError as error:
        raise Unavailable("Leaderboards cannot be read right now") from error
    return board_views.board_view(reading, board_views.others_entries(reading), actor, limit=command.limit)


@operation("leaderboards.seasons", permission=READ)
async def list_seasons(actor: Actor, command: ListSeasons) -> Page[SeasonView]:
    """List the closed periods of a board, the latest first, with their first three.

    Of an archived board only whoever changes boards is given them.
    """
    after = cursors.decode(command.cursor)
    async with unit_of_work(actor) as session:
        may_change = actor.can(CHANGE)
        board = await (
            board_keeping.get(session, command.key) if may_change else boards.get_board(session, actor, command.key)
        )
        found = await seasons.list_seasons(
            session,
            board,
            command.window or board.default_window,
            limit=command.limit + 1,
            before=after[0] if after else None,
        )
        page = found[: command.limit]
        persons = await people.find_people(session, {place.user_id for season in page for place in season.podium})
    return Page[SeasonView](
        items=[board_views.season_view(board, season, persons, actor) for season in page],
        next_cursor=cursors.encode(page[-1].ended_at, board.id) if len(found) > len(page) else None,
    )


@operation("leaderboards.read_privacy", permission=READ)
async def read_privacy(actor: Actor, command: ReadPrivacy) -> PrivacyView:  # noqa: ARG001  # no parameters
    """Give what others see of the member."""
    async with unit_of_work(actor) as session:
        return board_views.privacy_view(actor, await people.get_privacy(session, actor))


@operation("leaderboards.set_privacy", permission=READ)
async def set_privacy(actor: Actor, command: SetPrivacy) -> PrivacyView:
    """Choose what others see of the member on every board, in force everywhere within a second."""
    async with unit_of_work(actor) as session:
        await people.set_privacy(session, actor, command.mode)
    await relay.settle(actor.tenant_id, boards.TOPIC, seconds=_SETTLE_SECONDS)
    return board_views.privacy_view(actor, command.mode)


async def watch_board(actor: Actor, command: ReadBoard) -> AsyncGenerator[BoardView, None]:
    """Give the top rows of a board now and after each change that the actor can see.

    Ends when the session ends, the permission is lost or the board goes. While news cannot come the last view is
    given again with `connection` `reconnecting`. Raises `NotPermitted`, `NotFound` or `Unavailable` at the start.
    """
    actor.require(READ)
    async with unit_of_work(actor) as session:
        board = await boards.get_board(session, actor, command.key)
    window = command.window or board.default_window
    views = board_feeds.follow(live.hub(), board, window, actor, limit=command.limit, permission=READ)
    async with aclosing(views) as stream:
        async for view in stream:
            yield view


async def find_own_rank(actor: Actor) -> int | None:
    """Give the actor's rank of all time on the main board; None without a score, a board or Valkey."""
    if actor.user_id is None:
        return None
    try:
        board = await board_readings.find_board(actor, MAIN_BOARD)
        reading = await board_readings.read_rows(board, "all", viewers=[actor.user_id])
    except (NotFound, Unavailable, CacheError):
        return None
    own = reading.slice.own.get(actor.user_id)
    return own.rank if own else None


def _window_of(board: Board, command: ReadBoard) -> Window:
    """Give the window that is asked for; raises `InputInvalid` for a period that does not fit it."""
    if command.period is None:
        return command.window or board.default_window
    window = periods.window_of(command.period)
    begins = periods.first_day(command.period)
    if window is None or (begins is None and command.period != periods.ALL_TIME):
        raise InputInvalid({"period": "Use a name such as 2026-11, 2026-W47 or 2026-11-22"})
    if command.window not in (None, window):
        raise InputInvalid({"period": f"This is no period of the window {command.window}"})
    if begins is not None and begins > utc_now().date() + timedelta(days=1):
        raise InputInvalid({"period": "This period has not begun"})
    return window


def _cursor_after(key: str) -> str:
    return base64.urlsafe_b64encode(f"after:{key}".encode()).rstrip(b"=").decode()


def _key_of(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    label, _, key = text.partition(":")
    if label != "after" or not board_drafts.KEY.fullmatch(key):
        raise InputInvalid({"cursor": "This is not a cursor of this list"})
    return key
