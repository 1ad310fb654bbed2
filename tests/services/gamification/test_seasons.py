"""Closing periods: once, with a podium, and as a record that stays."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select, update

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import boards, people, seasons
from bizosaas_app.services.gamification.facts import PODIUM
from bizosaas_app.services.gamification.seasons import Season
from models import GamificationEvent, Leaderboard, LeaderboardSeason, Notification
from tests.support.boards import MIA, NOAH, OLGA, Arena, ago

ADMIN = "admin@acme.example"


async def close(arena: Arena, **wanted: Any) -> list[Season]:
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        return await seasons.close(session, actor, **{"now": utc_now(), **wanted})


async def made(arena: Arena, moment: datetime, **columns: Any) -> None:
    """Have every board of acme made at that moment."""
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.execute(update(Leaderboard).values(created_at=moment, **columns))


async def rows(arena: Arena, model: Any, *conditions: Any) -> list[Any]:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        return list(await session.exec(select(model).where(*conditions)))


async def score_last_month(arena: Arena) -> str:
    """Mia 9, Olga 7, Noah 7 (later), the administrator 1, in the month before; give its period."""
    board = await arena.board()
    began = board.began_at("month", utc_now())
    assert began is not None
    for number, (email, value) in enumerate(((MIA, 9), (OLGA, 7), (NOAH, 7), (ADMIN, 1))):
        await arena.score(email, value, occurred_at=began - timedelta(days=2, minutes=60 - number))
    return board.period_at("month", began - timedelta(days=2))


async def test_a_month_that_ended_is_closed_once_with_its_first_three(arena: Arena) -> None:
    period = await score_last_month(arena)
    await made(arena, ago(days=40))
    closed = [season for season in await close(arena) if season.window == "month" and season.total]
    board = await arena.board()
    (season,) = [season for season in closed if season.board_id == board.id]
    assert (season.period, season.total) == (period, 4)
    assert [(place.user_id, place.rank, place.score) for place in season.podium] == [
        (arena.person(MIA), 1, Decimal(9)),
        (arena.person(OLGA), 2, Decimal(7)),
        (arena.person(NOAH), 2, Decimal(7)),
    ]
    assert await close(arena) == []


async def test_the_podium_of_a_boards_own_window_is_told_and_goes_into_the_ledger(arena: Arena) -> None:
    period = await score_last_month(arena)
    await made(arena, ago(days=40), prizes=[{"rank": 1, "title": "A cup"}])
    await close(arena)
    facts = await rows(arena, GamificationEvent, GamificationEvent.type == PODIUM)
    assert {(fact.user_id, fact.properties["rank"], fact.source) for fact in facts} == {
        (arena.person(MIA), 1, "service"),
        (arena.person(OLGA), 2, "service"),
        (arena.person(NOAH), 2, "service"),
    }
    assert {(fact.properties["board"], fact.properties["period"]) for fact in facts} == {("points", period)}
    notices = {row.user_id: row for row in await rows(arena, Notification, Notification.kind == "season")}
    assert notices.keys() == {fact.user_id for fact in facts}
    mine = notices[arena.person(MIA)]
    assert mine.title == "You finished first on Points"
    assert mine.body.endswith("Your prize: A cup.")
    assert "cup" not in notices[arena.person(OLGA)].body


async def test_several_workers_close_a_period_once(arena: Arena) -> None:
    await score_last_month(arena)
    await made(arena, ago(days=40))
    closed = await asyncio.gather(*(close(arena) for _ in range(4)))
    board = await arena.board()
    found = [season for one in closed for season in one if (season.board_id, season.window) == (board.id, "month")]
    assert len({season.period for season in found}) == len(found)
    assert len(await rows(arena, Notification, Notification.kind == "season")) == 3
    assert len(await rows(arena, GamificationEvent, GamificationEvent.type == PODIUM)) == 3


async def test_what_ended_before_a_board_was_made_is_no_season(arena: Arena) -> None:
    await score_last_month(arena)
    assert await close(arena) == []


async def test_a_standstill_is_made_up_for(arena: Arena) -> None:
    await made(arena, ago(days=4))
    closed = await close(arena)
    board = await arena.board()
    days = [season.period for season in closed if (season.board_id, season.window) == (board.id, "day")]
    assert days == [board.period_at("day", utc_now() - timedelta(days=back)) for back in (4, 3, 2, 1)]


async def test_a_hidden_member_is_on_no_podium(arena: Arena) -> None:
    await score_last_month(arena)
    actor = await arena.world.actor(MIA)
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await people.set_privacy(session, actor, "hidden")
    await made(arena, ago(days=40))
    await close(arena)
    told = {row.user_id for row in await rows(arena, Notification, Notification.kind == "season")}
    assert told == {arena.person(email) for email in (OLGA, NOAH, ADMIN)}


async def test_a_late_event_moves_the_period_but_not_the_season(arena: Arena) -> None:
    period = await score_last_month(arena)
    await made(arena, ago(days=40))
    await close(arena)
    board = await arena.board()
    before = await rows(arena, LeaderboardSeason, col(LeaderboardSeason.period) == period)
    began = board.began_at("month", utc_now())
    assert began is not None
    await arena.score(NOAH, 50, occurred_at=began - timedelta(days=1))
    assert (await arena.ranked(board, period))[0] == (1, arena.person(NOAH), Decimal(57))
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await boards.rebuild_all(session, actor, now=utc_now())
    assert await rows(arena, LeaderboardSeason, col(LeaderboardSeason.period) == period) == before


async def test_a_board_that_resets_closes_its_seasons(arena: Arena) -> None:
    board = await arena.define("weekly", metric={"event": "*", "aggregate": "sum"}, resets="0 9 * * 1")
    began = board.began_at("all", utc_now())
    assert began is not None
    await made(arena, ago(days=15))
    await arena.score(MIA, 5, occurred_at=began - timedelta(days=1))
    closed = [season for season in await close(arena) if (season.board_id, season.window) == (board.id, "all")]
    assert closed[-1].period == board.period_at("all", began - timedelta(seconds=1))
    assert (closed[-1].ended_at, closed[-1].total) == (began, 1)
    facts = await rows(arena, GamificationEvent, GamificationEvent.type == PODIUM)
    assert {fact.properties["period"] for fact in facts if fact.properties["board"] == "weekly"} == {closed[-1].period}
