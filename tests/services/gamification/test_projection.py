"""Whatever happens, the entries, a recount from the ledger and the copy in Valkey say the same."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import boards, people, rebuild
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.gamification.periods import WINDOWS
from models import Leaderboard, LeaderboardEntry
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, ago, event, scores

BOARDS = {
    "spent": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "decr"},
    "record": {"metric": {"event": "task.completed", "aggregate": "max", "field": "size"}, "tie_rule": "dense"},
    "fastest": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "best", "sort": "asc"},
    "latest": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "set", "tie_rule": "dense"},
    "sizes": {"metric": {"event": "*", "aggregate": "distinct", "field": "size"}, "tie_rule": "dense"},
    "days": {"metric": {"event": "task.completed", "aggregate": "streak"}, "resets": "0 9 * * *"},
    "paced": {"metric": {"event": "*", "aggregate": "sum"}, "caps": {"smallest_interval_seconds": 7200}},
    "steady": {"metric": {"event": "*", "aggregate": "sum"}, "operator": "best", "caps": {"largest_change": 2}},
    "large": {"metric": {"event": "*", "aggregate": "count", "filters": [{"field": "value", "op": "gte", "value": 3}]}},
}


@pytest.mark.parametrize("seed", range(3))
async def test_any_history_of_events_ends_as_the_ledger_says(arena: Arena, seed: int) -> None:
    rng = random.Random(seed)
    for key, columns in BOARDS.items():
        await arena.define(key, **columns)
    known = [event(arena.person(MIA))]
    await arena.append(*known)
    acts = [_append, _append, _replay, _reverse, _set_privacy, _rebuild, _forget, _flush]
    for _ in range(12):
        await rng.choice(acts)(arena, rng, known)
        if rng.random() < 0.4:
            await _read_everything(arena)
    for key in ("points", *BOARDS):
        await _agree(arena, await arena.board(key))


async def _append(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    batch = [
        event(
            arena.person(rng.choice([MIA, NOAH, OLGA])),
            rng.choice([None, -2, 0, 1, 3, "0.1", "2.5"]),
            type=rng.choice(["task.completed", "order.completed"]),
            properties={"size": rng.choice([1, 2, 3, "big"])},
            occurred_at=ago(hours=rng.choice([0, 1, 20, 40, 400])),
        )
        for _ in range(rng.randint(1, 4))
    ]
    known += batch
    await arena.append(*batch)


async def _replay(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    assert (await arena.append(*rng.sample(known, min(2, len(known))))).accepted == 0


async def _reverse(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    await arena.reverse(rng.choice(known).event_id)


async def _set_privacy(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    actor = await arena.world.actor(rng.choice([MIA, NOAH, OLGA]))
    mode = rng.choice(["public", "pseudonym", "hidden"])
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await people.set_privacy(session, actor, mode)
    await arena.relay.drain()


async def _rebuild(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await boards.rebuild_all(session, actor, now=utc_now())
    await arena.relay.drain()


async def _forget(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    """Lose one key of a copy, as an eviction would."""
    keys = sorted(await arena.cache.client.keys("bz:*:board:*"))
    if keys:
        await arena.cache.client.delete(rng.choice(keys))


async def _flush(arena: Arena, rng: random.Random, known: list[NewEvent]) -> None:
    await arena.cache.client.flushdb()


async def _read_everything(arena: Arena) -> None:
    """Have copies in Valkey, so that what follows has to keep them in step."""
    for key in ("points", *BOARDS):
        await _agree(arena, await arena.board(key))


async def _agree(arena: Arena, board: Board) -> None:
    entries = await arena.entries(board)
    assert entries == await arena.recount(board)
    hidden = await _hidden(arena)
    for window in WINDOWS:
        period = board.period_at(window, utc_now())
        shown = [
            (place.user_id, tally)
            for place, tally in entries.items()
            if place.period == period and place.user_id not in hidden
        ]
        sign = 1 if board.sort == "asc" else -1
        shown.sort(key=lambda item: (sign * item[1].score, item[1].reached_at, str(item[0])))
        expected = [
            (_rank(board, tally.score, [other.score for _, other in shown]), user_id, tally.score)
            for user_id, tally in shown
        ]
        assert await arena.ranked(board, period) == expected


def _rank(board: Board, score: Decimal, all_scores: list[Decimal]) -> int:
    ahead = [other for other in all_scores if (other < score if board.sort == "asc" else other > score)]
    return 1 + len(set(ahead) if board.is_dense else ahead)


async def _hidden(arena: Arena) -> set[object]:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        found = await people.find_people(session, list(arena.world.people.values()))
    return {user_id for user_id, person in found.items() if not person.is_shown}


async def test_a_rebuild_of_every_tenant_mends_entries_that_were_tampered_with(arena: Arena) -> None:
    await arena.score(MIA, 5)
    await arena.score(GUS, 7)
    mine, theirs = await arena.board(), await arena.board(slug="globex")
    before = [await arena.entries(board) for board in (mine, theirs)]
    ranked = await arena.ranked(mine)
    for slug in ("acme-corp", "globex"):
        async with arena.world.resources.database.unit_of_work(arena.world.system(slug)) as session:
            await session.execute(update(LeaderboardEntry).values(score=Decimal(999), events=99))
    assert await arena.entries(mine) != before[0]
    assert await rebuild.every_tenant() == 8
    await arena.relay.drain()
    assert [await arena.entries(board) for board in (mine, theirs)] == before
    assert await arena.ranked(await arena.board()) == ranked


async def test_a_board_made_later_counts_what_the_ledger_holds_already(arena: Arena) -> None:
    await arena.score(MIA, 5, type="referral.approved", occurred_at=ago(days=40))
    actor, board = arena.world.system(), await arena.board("referrals")
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await session.execute(delete(LeaderboardEntry).where(col(LeaderboardEntry.leaderboard_id) == board.id))
        await session.execute(delete(Leaderboard).where(col(Leaderboard.id) == board.id))
        await boards.ensure_defaults(session, actor)
    assert scores(await arena.entries(await arena.board("referrals"))) == {arena.person(MIA): Decimal(1)}


async def test_an_old_event_counts_in_the_windows_of_its_own_time(arena: Arena) -> None:
    moment = utc_now() - timedelta(days=200)
    await arena.score(MIA, 5, occurred_at=moment)
    periods = {place.period for place in await arena.entries(await arena.board())}
    assert periods == {"all", f"{moment:%Y-%m}", f"{moment:%G-W%V}", f"{moment:%Y-%m-%d}"}
