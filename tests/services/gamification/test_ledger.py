"""The ledger: exactly once, and undone without a trace in what is derived."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.ledger import EventNotReversible
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, ago, event, scores


async def test_an_event_scores_in_every_window(arena: Arena) -> None:
    await arena.score(MIA, 7)
    entries = await arena.entries(await arena.board())
    assert len(entries) == 4
    assert {tally.score for tally in entries.values()} == {Decimal(7)}


async def test_a_replayed_event_changes_nothing(arena: Arena) -> None:
    first = event(arena.person(MIA), 7)
    assert (await arena.append(first)).accepted == 1
    before = await arena.entries(await arena.board())
    replay = await arena.append(first, replace(first, value=Decimal(1000)))
    assert (replay.accepted, replay.duplicates, replay.rejected) == (0, 2, [])
    assert await arena.entries(await arena.board()) == before


async def test_the_same_event_id_counts_in_each_tenant(arena: Arena) -> None:
    here = event(arena.person(MIA), 7)
    there = replace(here, user_id=arena.person(GUS))
    assert (await arena.append(here)).accepted == 1
    assert (await arena.append(there, slug="globex")).accepted == 1


async def test_of_twenty_parallel_posts_of_one_event_one_is_accepted(arena: Arena) -> None:
    new = event(arena.person(MIA), 3)
    database, actor = arena.world.resources.database, arena.world.system()

    async def post() -> ledger.Appended:
        async with database.unit_of_work(actor) as session:
            return await ledger.append(session, actor, [new], now=utc_now(), source="api")

    done = await asyncio.gather(*(post() for _ in range(20)))
    assert sum(item.accepted for item in done) == 1
    assert sum(item.duplicates for item in done) == 19
    assert scores(await arena.entries(await arena.board())) == {arena.person(MIA): Decimal(3)}


async def test_parallel_batches_over_the_same_members_lose_no_point(arena: Arena) -> None:
    people = [arena.person(email) for email in (MIA, NOAH, OLGA)]
    shared = [event(people[index % 3]) for index in range(100)]
    database, actor = arena.world.resources.database, arena.world.system()

    async def post(number: int) -> None:
        own = [event(people[index % 3]) for index in range(30)]
        batch = own + shared if number % 2 else shared[::-1] + own[::-1]
        async with database.unit_of_work(actor) as session:
            await ledger.append(session, actor, batch, now=utc_now(), source="api")

    await asyncio.gather(*(post(number) for number in range(8)))
    board = await arena.board()
    assert sum(scores(await arena.entries(board)).values()) == 8 * 30 + 100
    assert await arena.entries(board) == await arena.recount(board)


async def test_a_batch_of_five_hundred_is_taken_whole(arena: Arena) -> None:
    people = [arena.person(email) for email in (MIA, NOAH, OLGA)]
    batch = [
        event(people[index % 3], index, properties={"n": index}, occurred_at=ago(hours=index)) for index in range(500)
    ]
    done = await arena.append(*batch)
    assert (done.accepted, done.duplicates, done.rejected) == (500, 0, [])
    board = await arena.board()
    assert await arena.entries(board) == await arena.recount(board)


async def test_one_bad_event_does_not_hold_up_the_others(arena: Arena) -> None:
    good = event(arena.person(MIA), 2)
    bad = [
        event(arena.person(GUS)),
        event(arena.person(MIA), "1e11"),
        event(arena.person(MIA), type="Not A Type"),
        event(arena.person(MIA), type="event.reversed"),
        event(arena.person(MIA), occurred_at=utc_now() + timedelta(minutes=6)),
        event(arena.person(MIA), occurred_at=ago(days=4000)),
        event(arena.person(MIA), properties={"text": "x" * 9000}),
        event(arena.person(MIA), properties={"text": "a\0b"}),
        event(arena.person(MIA), properties={"n": float("nan")}),
    ]
    done = await arena.append(*bad, good)
    assert done.accepted == 1
    assert [(item.index, item.code) for item in done.rejected] == [
        (0, "user_unknown"),
        (1, "value_out_of_range"),
        (2, "type_invalid"),
        (3, "type_reserved"),
        (4, "occurred_in_future"),
        (5, "occurred_too_early"),
        (6, "properties_too_large"),
        (7, "properties_invalid"),
        (8, "properties_invalid"),
    ]
    assert scores(await arena.entries(await arena.board())) == {arena.person(MIA): Decimal(2)}


async def test_an_event_without_a_user_is_kept_and_scores_for_nobody(arena: Arena) -> None:
    assert (await arena.append(event(None, 5))).accepted == 1
    assert await arena.entries(await arena.board()) == {}


async def test_a_rolled_back_append_leaves_neither_event_nor_points_nor_debts(arena: Arena) -> None:
    actor = arena.world.system()
    with suppress(ZeroDivisionError):
        async with arena.world.resources.database.unit_of_work(actor) as session:
            await ledger.append(session, actor, [event(arena.person(MIA), 5)], now=utc_now(), source="api")
            raise ZeroDivisionError
    assert await arena.entries(await arena.board()) == {}
    assert await arena.owed() == 0


async def test_a_reversal_gives_back_exactly_what_stood_before(arena: Arena) -> None:
    board = await arena.board()
    await arena.score(MIA, "10.25", occurred_at=ago(days=2))
    await arena.score(NOAH, 4)
    before, ranked = await arena.entries(board), await arena.ranked(board)
    wrong = await arena.score(MIA, "0.1", occurred_at=ago(hours=1))
    assert await arena.entries(board) != before
    await arena.reverse(wrong)
    assert await arena.entries(board) == before
    assert await arena.ranked(board) == ranked


async def test_reversing_the_only_event_of_a_member_takes_them_off_the_board(arena: Arena) -> None:
    board = await arena.board()
    only = await arena.score(MIA, 10)
    assert await arena.ranked(board) == [(1, arena.person(MIA), Decimal(10))]
    await arena.reverse(only)
    assert await arena.entries(board) == {}
    assert await arena.ranked(board) == []


async def test_a_second_reversal_changes_nothing(arena: Arena) -> None:
    kept, wrong = await arena.score(MIA, 10), await arena.score(MIA, 5)
    first = await arena.reverse(wrong)
    after = await arena.entries(await arena.board())
    second = await arena.reverse(wrong)
    assert (first.is_new, second.is_new) == (True, False)
    assert (first.id, first.reversed_at) == (second.id, second.reversed_at)
    assert await arena.entries(await arena.board()) == after
    assert kept != wrong


async def test_a_replay_of_a_reversed_event_does_not_bring_it_back(arena: Arena) -> None:
    wrong = event(arena.person(MIA), 5)
    await arena.append(wrong)
    await arena.reverse(wrong.event_id)
    assert (await arena.append(wrong)).duplicates == 1
    assert await arena.entries(await arena.board()) == {}


async def test_parallel_reversals_and_appends_end_as_the_ledger_says(arena: Arena) -> None:
    ids = [await arena.score(MIA, value) for value in range(1, 9)]
    database, actor = arena.world.resources.database, arena.world.system()

    async def undo(event_id: object) -> None:
        async with database.unit_of_work(actor) as session:
            await ledger.reverse(session, actor, event_id, reason="fraud", now=utc_now())  # type: ignore[arg-type]

    async def add() -> None:
        async with database.unit_of_work(actor) as session:
            await ledger.append(session, actor, [event(arena.person(MIA), 100)], now=utc_now(), source="api")

    await asyncio.gather(*(undo(event_id) for event_id in [*ids, *ids]), *(add() for _ in range(8)))
    board = await arena.board()
    assert scores(await arena.entries(board)) == {arena.person(MIA): Decimal(800)}
    assert await arena.entries(board) == await arena.recount(board)


async def test_an_unknown_event_and_one_of_another_tenant_are_not_found(arena: Arena) -> None:
    theirs = await arena.score(GUS, 5)
    for event_id in (uuid4(), theirs):
        with pytest.raises(NotFound):
            await arena.reverse(event_id)
    assert scores(await arena.entries(await arena.board(slug="globex"))) == {arena.person(GUS): Decimal(5)}


async def test_a_reversal_stands_for_ever(arena: Arena) -> None:
    done = await arena.reverse(await arena.score(MIA, 5))
    with pytest.raises(EventNotReversible):
        await arena.reverse(done.id)


async def test_the_ledger_cannot_be_changed_even_by_the_application(arena: Arena) -> None:
    await arena.score(MIA, 5)
    for statement in ("update gamification_events set value = 9", "delete from gamification_events"):
        with pytest.raises(Exception, match="permission denied"):
            async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
                await session.execute(text(statement))
