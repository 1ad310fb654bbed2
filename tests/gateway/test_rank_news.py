"""Who hears of a changed rank: at once, once an hour, and never for a batch's sake late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bizosaas_app.gateway import live
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import people, rank_news
from bizosaas_app.services.gamification.rank_news import News
from bizosaas_app.services.gamification.tops import Placed
from bizosaas_app.services.notifications import notices
from models import Notification, RankNotice
from tests.support.boards import MIA, NOAH, OLGA, Arena, arena, event, running_relay, until
from tests.support.followers import hub, record

__all__ = ["arena", "hub", "running_relay"]

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)


def places(*scores: tuple[UUID, int]) -> list[Placed]:
    return [Placed(user, rank, Decimal(score)) for rank, (user, score) in enumerate(scores, 1)]


def news(before: list[Placed], after: list[Placed], sort: str = "desc") -> list[News]:
    return list(rank_news.compare(before, after, sort))


def test_the_best_step_is_told_to_whoever_came_so_far() -> None:
    crowd = [(UUID(int=number), 100 - number) for number in range(10, 22)]
    before = places(*crowd)
    assert news(before, places((ONE, 500), *crowd))[0] == News(ONE, 1, 1)
    assert News(ONE, 3, 3) in news(before, places(*crowd[:2], (ONE, 88), *crowd[2:]))
    assert News(ONE, 10, 10) in news(before, places(*crowd[:9], (ONE, 81), *crowd[9:]))
    assert not [item for item in news(before, places(*crowd[:10], (ONE, 80), *crowd[10:])) if item.user_id == ONE]


def test_whoever_was_overtaken_hears_of_it_and_whoever_fell_by_themselves_does_not() -> None:
    assert news(places((ONE, 9), (TWO, 7)), places((TWO, 10), (ONE, 9))) == [News(TWO, 1, 1), News(ONE, 2, None)]
    assert news(places((ONE, 9), (TWO, 7)), places((TWO, 7), (ONE, 2))) == [News(TWO, 1, 1)]
    assert news(places((ONE, 3), (TWO, 7)), places((TWO, 2), (ONE, 3)), "asc") == [News(TWO, 1, 1), News(ONE, 2, None)]


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_nobody_hears_twice_and_nobody_who_stayed_hears(one: list[int], other: list[int]) -> None:
    before, after = ([(UUID(int=user), 100 - rank) for rank, user in enumerate(order)] for order in (one, other))
    found = news(places(*before), places(*after))
    assert len({item.user_id for item in found}) == len(found)
    stayed = {user for (user, _), (same, _) in zip(before, after, strict=True) if user == same}
    assert not stayed & {item.user_id for item in found}


async def told(arena: Arena) -> dict[UUID, list[str]]:
    query = select(Notification).where(Notification.kind == "rank_change").order_by(Notification.created_at)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        found: dict[UUID, list[str]] = {}
        for row in await session.exec(query):
            found.setdefault(row.user_id, []).append(row.title)
    return found


async def next_hour(arena: Arena) -> None:
    """Let an hour pass as far as what was told is concerned."""
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        for row in await session.exec(select(RankNotice)):
            await session.delete(row)


async def test_the_first_look_tells_nobody_and_then_every_change_is_told(arena: Arena) -> None:
    mia, noah = arena.person(MIA), arena.person(NOAH)
    await arena.score(MIA, 5)
    assert await told(arena) == {}
    await arena.score(NOAH, 7)
    assert await told(arena) == {noah: ["You lead Points"], mia: ["Somebody has overtaken you on Points"]}
    await arena.score(MIA, 5)
    assert len((await told(arena))[mia]) == 1, "once an hour is enough"
    await next_hour(arena)
    await arena.score(NOAH, 9)
    assert (await told(arena))[mia][-1] == "Somebody has overtaken you on Points"
    assert (await told(arena))[noah][-1] == "You lead Points"


async def test_only_the_open_month_of_the_main_board_is_told(arena: Arena) -> None:
    await arena.score(MIA, 5)
    board = await arena.board()
    began = board.began_at("month", utc_now())
    assert began is not None
    await arena.score(NOAH, 50, occurred_at=began.replace(year=began.year - 1))
    await arena.append(event(arena.person(OLGA), None, type="campaign.launched"))
    assert await told(arena) == {}


async def test_a_hidden_member_is_told_nothing_and_nobody_of_them(arena: Arena) -> None:
    await arena.score(MIA, 5)
    await arena.score(NOAH, 4)
    before = await told(arena)
    actor = await arena.world.actor(OLGA)
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await people.set_privacy(session, actor, "hidden")
    await arena.score(OLGA, 100)
    assert await told(arena) == before


async def test_a_batch_leaves_at_most_one_notice_for_each_member(arena: Arena) -> None:
    await arena.score(MIA, 1)
    members = [arena.person(email) for email in (MIA, NOAH, OLGA)]
    await arena.append(*(event(members[number % 3], number) for number in range(60)))
    assert all(len(titles) == 1 for titles in (await told(arena)).values())


async def test_the_notice_reaches_an_open_page_by_itself(arena: Arena, hub: live.LiveHub) -> None:
    """As the browser has it: a page watches its member's notices, somebody else scores."""
    await record(arena, MIA, 5)
    await arena.relay.drain()
    heard = asyncio.create_task(_next(live.watch(await arena.world.actor(MIA), notices.TOPIC)))
    await until(lambda: any(notices.TOPIC in seat.topics for seat in hub.seats.of(arena.world.system().tenant_id)))
    await record(arena, NOAH, 7)
    assert (notices.TOPIC, f"user:{arena.person(MIA)}") in (await heard).changes
    assert (await told(arena))[arena.person(MIA)] == ["Somebody has overtaken you on Points"]


async def _next(news: AsyncIterator[Any]) -> Any:
    return await anext(news)
