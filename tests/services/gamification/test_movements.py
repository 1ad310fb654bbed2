"""The ranks of yesterday: exact whenever they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import movements
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.movements import Yesterday
from tests.support.boards import MIA, NOAH, OLGA, Arena

SUM = {"event": "*", "aggregate": "sum"}


def yesterday(board: Board) -> Yesterday:
    found = movements.yesterday_of(board, "all", utc_now())
    assert found is not None
    return found


async def ranks(arena: Arena, board: Board) -> dict[UUID, int]:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await movements.ensure(session, board, yesterday(board))
        return await movements.read(session, board, yesterday(board))


async def score_then_and_now(arena: Arena, board: Board) -> None:
    """Yesterday Mia 9, Noah 5, Olga 5; today Noah 6 more, and Olga's late event of yesterday."""
    then, now = yesterday(board).midnight - timedelta(hours=1), max(yesterday(board).midnight, utc_now())
    await arena.score(MIA, 9, occurred_at=then)
    await arena.score(NOAH, 5, occurred_at=then)
    await arena.score(NOAH, 6, occurred_at=now)
    await arena.score(OLGA, 5, occurred_at=then + timedelta(minutes=1))


async def test_the_ranks_are_those_of_midnight_whatever_has_happened_since(arena: Arena) -> None:
    board = await arena.board()
    await score_then_and_now(arena, board)
    assert await ranks(arena, board) == {arena.person(MIA): 1, arena.person(NOAH): 2, arena.person(OLGA): 2}
    await arena.score(OLGA, 100, occurred_at=yesterday(board).midnight - timedelta(minutes=1))
    assert (await ranks(arena, board))[arena.person(OLGA)] == 2, "written once"


async def test_dense_and_ascending_boards_keep_their_own_ranks(arena: Arena) -> None:
    for key, columns in {"dense": {"tie_rule": "dense"}, "low": {"operator": "best", "sort": "asc"}}.items():
        await arena.define(key, metric=SUM, **columns)
    board = await arena.board("dense")
    await score_then_and_now(arena, board)
    assert sorted((await ranks(arena, board)).values()) == [1, 2, 2]
    low = await ranks(arena, await arena.board("low"))
    assert low == {arena.person(NOAH): 1, arena.person(OLGA): 1, arena.person(MIA): 3}


async def test_the_round_keeps_every_board_and_drops_what_is_old(arena: Arena) -> None:
    board = await arena.board()
    await score_then_and_now(arena, board)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        assert await movements.keep(session, now=utc_now()) > 0
        assert await movements.keep(session, now=utc_now()) == 0
        await movements.keep(session, now=utc_now() + timedelta(days=30))
        assert await movements.read(session, board, yesterday(board)) == {}


def test_a_period_that_began_today_has_no_yesterday() -> None:
    board = Board(
        tenant_id=UUID(int=1), id=UUID(int=2), key="k", title="K", metric=SUM, operator="incr", sort="desc",
        tie_rule="standard", default_window="all", visibility=None, timezone="Europe/Berlin", version="1",
    )  # fmt: skip
    monday = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # half past midnight of Tuesday the 1st of December in Berlin
    found = {window: movements.yesterday_of(board, window, monday) for window in ("all", "month", "week", "day")}
    assert (found["month"], found["day"]) == (None, None)
    assert found["week"] is not None
    assert (found["week"].period, found["week"].day.isoformat()) == ("2026-W49", "2026-11-30")
    assert found["all"] is not None
    assert found["all"].midnight == datetime(2026, 11, 30, 23, tzinfo=UTC)
