"""The copy of a board in Valkey: order, ties, hidden members, and how it heals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import boards, ledger, people, standings, standings_fill
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.pseudonyms import pseudonym
from bizosaas_app.services.gamification.standings import Slice
from models import User
from tests.support.boards import MIA, NOAH, OLGA, Arena, ago, event, until

ADMIN = "admin@acme.example"
SUM = {"event": "*", "aggregate": "sum"}


async def read(arena: Arena, board: Board, **wanted: object) -> Slice | None:
    copy = await standings.copy_of(arena.cache, board, "all", now=utc_now())
    return await standings.read(arena.cache, copy, **wanted)  # type: ignore[arg-type]


async def make_copy(arena: Arena, board: Board) -> None:
    await arena.ranked(board)


async def hide(arena: Arena, email: str, mode: people.Privacy = "hidden") -> None:
    actor = await arena.world.actor(email)
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await people.set_privacy(session, actor, mode)
    await arena.relay.drain()


async def score_all(arena: Arena, *values: tuple[str, float]) -> None:
    for number, (email, value) in enumerate(values):
        await arena.score(email, value, occurred_at=ago(minutes=60 - number))


@pytest.mark.parametrize(("tie_rule", "ranks"), [("standard", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3])])
async def test_equal_scores_share_a_rank(arena: Arena, tie_rule: str, ranks: list[int]) -> None:
    board = await arena.define("tied", metric=SUM, tie_rule=tie_rule)
    await score_all(arena, (MIA, 9), (OLGA, 5), (NOAH, 5), (ADMIN, 1))
    assert [rank for rank, _, _ in await arena.ranked(board)] == ranks
    last = await read(arena, board, start=3, limit=5, viewers=[arena.person(ADMIN)])
    assert last is not None
    assert [row.rank for row in last.rows] == [ranks[3]]
    assert last.own[arena.person(ADMIN)].rank == ranks[3]


async def test_of_equal_scores_the_earlier_one_stands_first(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (OLGA, 5), (MIA, 5), (NOAH, 5))
    assert [user for _, user, _ in await arena.ranked(board)] == [arena.person(email) for email in (OLGA, MIA, NOAH)]


async def test_an_ascending_board_puts_the_lowest_first(arena: Arena) -> None:
    board = await arena.define("laps", metric=SUM, operator="best", sort="asc")
    await score_all(arena, (MIA, 90), (NOAH, 60.5), (MIA, 61))
    assert await arena.ranked(board) == [
        (1, arena.person(NOAH), Decimal("60.5")),
        (2, arena.person(MIA), Decimal(61)),
    ]


async def test_a_large_score_keeps_its_four_decimals(arena: Arena) -> None:
    board = await arena.board()
    await arena.score(MIA, "99999999999.9999")
    await arena.score(NOAH, "99999999999.9998")
    assert [score for _, _, score in await arena.ranked(board)] == [
        Decimal("99999999999.9999"),
        Decimal("99999999999.9998"),
    ]


async def test_a_negative_score_and_a_zero_rank_below(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, -3), (NOAH, 2), (NOAH, -2), (OLGA, 1))
    assert [score for _, _, score in await arena.ranked(board)] == [Decimal(1), Decimal(0), Decimal(-3)]


async def test_own_place_tells_rank_those_ahead_and_the_next_score(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 9), (OLGA, 5), (NOAH, 5), (ADMIN, 1))
    await make_copy(arena, board)
    found = await read(arena, board, viewers=[arena.person(email) for email in (MIA, NOAH, ADMIN)])
    assert found is not None
    own = {email: found.own[arena.person(email)] for email in (MIA, NOAH, ADMIN)}
    assert [(place.rank, place.better, place.next_score) for place in own.values()] == [
        (1, 0, None),
        (2, 1, Decimal(9)),
        (4, 3, Decimal(5)),
    ]


async def test_around_a_member_shows_their_neighbours(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 9), (OLGA, 7), (NOAH, 5), (ADMIN, 1))
    await make_copy(arena, board)
    for email, users in ((OLGA, [MIA, OLGA, NOAH]), (MIA, [MIA, OLGA, NOAH]), (ADMIN, [OLGA, NOAH, ADMIN])):
        found = await read(arena, board, around=arena.person(email), limit=3)
        assert found is not None
        assert [row.user_id for row in found.rows] == [arena.person(user) for user in users]


async def test_a_hidden_member_is_in_no_row_and_keeps_a_place_of_their_own(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 9), (OLGA, 7), (NOAH, 5))
    await make_copy(arena, board)
    await hide(arena, OLGA)
    assert [user for _, user, _ in await arena.ranked(board)] == [arena.person(MIA), arena.person(NOAH)]
    await arena.score(OLGA, 1)
    found = await read(arena, board, limit=10, viewers=[arena.person(OLGA)])
    assert found is not None
    assert found.total == 2
    assert found.own[arena.person(OLGA)].is_hidden
    assert (found.own[arena.person(OLGA)].rank, found.own[arena.person(OLGA)].score) == (2, Decimal(8))
    await hide(arena, OLGA, "public")
    assert [score for _, _, score in await arena.ranked(board)] == [Decimal(9), Decimal(8), Decimal(5)]


async def test_a_hidden_member_without_a_score_left_has_no_place(arena: Arena) -> None:
    board = await arena.board()
    await make_copy(arena, board)
    only = await arena.score(OLGA, 7)
    await hide(arena, OLGA)
    await arena.reverse(only)
    found = await read(arena, board, viewers=[arena.person(OLGA)])
    assert found == Slice(0, 0, (), {})


async def test_a_hidden_member_stays_hidden_in_a_copy_that_is_made_anew(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 9), (OLGA, 7))
    await hide(arena, MIA)
    await arena.cache.client.flushdb()
    assert [user for _, user, _ in await arena.ranked(board)] == [arena.person(OLGA)]
    found = await read(arena, board, viewers=[arena.person(MIA)])
    assert found is not None
    assert found.own[arena.person(MIA)].rank == 1


async def test_a_wiped_valkey_gives_the_same_board(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 9), (OLGA, 7), (NOAH, 7))
    before = await arena.ranked(board)
    await arena.cache.client.flushdb()
    assert await read(arena, board, limit=10) is None
    assert await arena.ranked(board) == before


@pytest.mark.parametrize("part", ["ranking", "members", "hidden", "scores", "counts"])
async def test_a_copy_that_lost_any_part_is_neither_read_nor_written_but_made_anew(arena: Arena, part: str) -> None:
    board = await arena.define("tied", metric=SUM, tie_rule="dense")
    await score_all(arena, (MIA, 9), (OLGA, 5), (NOAH, 5), (ADMIN, 1))
    await hide(arena, MIA)
    await make_copy(arena, board)
    keys = await arena.cache.client.keys(f"bz:*:board:{board.id}:all:{part}")
    assert await arena.cache.client.delete(*keys) == 1
    assert await read(arena, board, limit=10) is None
    await arena.score(NOAH, 4)
    await hide(arena, MIA, "public")
    assert await read(arena, board, limit=10) is None
    assert [(rank, score) for rank, _, score in await arena.ranked(board)] == [(1, 9), (1, 9), (2, 5), (3, 1)]


async def test_a_copy_of_another_run_of_valkey_is_not_read(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 9))
    copy = await standings.copy_of(arena.cache, board, "all", now=utc_now())
    earlier = standings.Copy(board, "all", "another-run", None)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await standings_fill.fill(session, arena.cache, earlier)
    assert await standings.read(arena.cache, earlier) is not None
    assert await standings.read(arena.cache, copy) is None


async def waits_for_a_lock(session: AsyncSession) -> bool:
    found = await session.execute(text("select count(*) from pg_locks where locktype = 'advisory' and not granted"))
    return bool(found.scalar_one())


async def test_what_is_committed_while_a_copy_is_made_is_not_lost(arena: Arena) -> None:
    """The fill has read the entries when another transaction commits; its delivery waits for the fill to end."""
    board = await arena.board()
    await arena.score(MIA, 5)
    await arena.cache.client.flushdb()
    database, actor = arena.world.resources.database, arena.world.system()
    copy = await standings.copy_of(arena.cache, board, "all", now=utc_now())
    async with database.unit_of_work(actor) as filling:
        await standings_fill.fill(filling, arena.cache, copy)
        async with database.unit_of_work(actor) as session:
            await ledger.append(session, actor, [event(arena.person(NOAH), 7)], now=utc_now(), source="api")
        delivery = arena.relay.kick(actor.tenant_id, boards.TOPIC)
        await until(lambda: delivery.done() or waits_for_a_lock(filling))
        assert not delivery.done()
        assert [score for _, _, score in await arena.ranked(board)] == [Decimal(5)]
    await delivery
    assert [score for _, _, score in await arena.ranked(board)] == [Decimal(7), Decimal(5)]


async def test_a_closed_period_is_forgotten_by_valkey_and_read_again_from_the_entries(arena: Arena) -> None:
    board = await arena.board()
    await arena.score(MIA, 5)
    today = board.period_at("day", utc_now())
    await arena.ranked(board, today)
    keys = await arena.cache.client.keys(f"bz:*:board:{board.id}:{today}:*")
    assert keys
    for key in keys:
        assert 0 < await arena.cache.client.pttl(key) <= timedelta(days=3).total_seconds() * 1000
    for key in await arena.cache.client.keys(f"bz:*:board:{board.id}:all:*"):
        assert await arena.cache.client.pttl(key) == -1


async def test_another_tenant_sees_nothing_of_a_board(arena: Arena) -> None:
    await arena.score(MIA, 5)
    theirs = await arena.board(slug="globex")
    assert await arena.ranked(theirs) == []
    found = await read(arena, theirs, limit=10, viewers=[arena.person(MIA)])
    assert found == Slice(0, 0, (), {})


async def test_a_members_name_follows_its_change(arena: Arena) -> None:
    board = await arena.board()
    await arena.score(MIA, 5)
    await make_copy(arena, board)
    database, actor = arena.world.resources.database, arena.world.system()
    async with database.unit_of_work(actor) as session:
        await standings_fill.fill_people(session, arena.cache, actor.tenant_id, [arena.person(MIA)])
    async with database.unit_of_work(actor) as session:
        await session.execute(update(User).where(col(User.id) == arena.person(MIA)).values(name="Mia Stone"))
        await people.announce(session, actor, arena.person(MIA))
    await arena.relay.drain()
    found = await read(arena, board, limit=1)
    assert found is not None
    assert found.rows[0].person == people.Person("Mia Stone", "public")


async def test_a_suspended_member_leaves_every_board(arena: Arena) -> None:
    board = await arena.board()
    await score_all(arena, (MIA, 5), (NOAH, 3))
    await make_copy(arena, board)
    database, actor = arena.world.resources.database, arena.world.system()
    async with database.unit_of_work(actor) as session:
        await session.execute(update(User).where(col(User.id) == arena.person(MIA)).values(status="suspended"))
        await people.announce(session, actor, arena.person(MIA))
    await arena.relay.drain()
    assert [user for _, user, _ in await arena.ranked(board)] == [arena.person(NOAH)]


def test_users_are_told_apart_by_the_pseudonyms_first_eight_bytes() -> None:
    names = {pseudonym(UUID(int=number * 7919 << 64).bytes) for number in range(500)}
    assert len(names) > 490
    assert pseudonym(bytes(32)) == "Agile Badger 100"
