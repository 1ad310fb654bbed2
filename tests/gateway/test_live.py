"""Live boards: news reach who watches, as they may see it, for as long as their session lives."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from bizosaas_app.gateway import board_feeds, leaderboards, live
from bizosaas_app.gateway.contracts.leaderboards import ReadBoard, SetPrivacy
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.gateway.seats import News
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound, NotPermitted
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services.accounts import members, sessions
from bizosaas_app.services.gamification import boards, ledger
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, arena, running_relay, until
from tests.support.followers import following, hub, record

__all__ = ["arena", "hub", "running_relay"]

ADMIN = "admin@acme.example"


async def test_an_event_reaches_an_open_board_with_the_new_ranks(arena: Arena, hub: LiveHub) -> None:
    await record(arena, MIA, 5)
    async with following(await arena.world.actor(NOAH)) as noah:
        await noah.sees((1, "Mia", 5))
        await record(arena, NOAH, 9)
        await noah.sees((1, "Noah", 9), (2, "Mia", 5))
        assert [entry.is_me for entry in noah.views[-1].entries] == [True, False]
        me = noah.views[-1].me
        assert me is not None
        assert (me.rank, me.is_me) == (1, True)


async def test_a_reversal_reaches_an_open_board(arena: Arena, hub: LiveHub) -> None:
    wrong = await record(arena, MIA, 5)
    async with following(await arena.world.actor(NOAH)) as noah:
        await noah.sees((1, "Mia", 5))
        actor = arena.world.system()
        async with arena.world.resources.database.unit_of_work(actor) as session:
            await ledger.reverse(session, actor, wrong.event_id, reason="fraud", now=utc_now())
        await noah.sees()


async def test_a_burst_of_events_ends_with_the_last_state(arena: Arena, hub: LiveHub) -> None:
    async with following(await arena.world.actor(NOAH)) as noah:
        for _ in range(20):
            await record(arena, MIA, 1)
        await noah.sees((1, "Mia", 20))
        assert len(noah.views) <= 21


async def test_each_viewer_of_a_shared_board_sees_their_own_place_and_rows(arena: Arena, hub: LiveHub) -> None:
    for email, value in ((MIA, 9), (OLGA, 7), (NOAH, 5)):
        await record(arena, email, value)
    async with (
        following(await arena.world.actor(MIA), limit=1) as mia,
        following(await arena.world.actor(NOAH)) as noah,
    ):
        await record(arena, NOAH, 3)
        await noah.sees((1, "Mia", 9), (2, "Noah", 8), (3, "Olga", 7))
        await mia.sees((1, "Mia", 9))
        assert [follower.views[-1].me.rank for follower in (mia, noah) if follower.views[-1].me] == [1, 2]
        assert len(board_feeds.open_feeds(hub)) == 1
    assert board_feeds.open_feeds(hub) == []


async def test_a_viewer_who_sees_no_difference_is_left_in_peace(arena: Arena, hub: LiveHub) -> None:
    for email, value in ((MIA, 9), (OLGA, 7), (NOAH, 5)):
        await record(arena, email, value)
    async with (
        following(await arena.world.actor(MIA), limit=1) as mia,
        following(await arena.world.actor(OLGA)) as olga,
    ):
        await olga.sees((1, "Mia", 9), (2, "Olga", 7), (3, "Noah", 5))
        await record(arena, NOAH, 1)
        await olga.sees((1, "Mia", 9), (2, "Olga", 7), (3, "Noah", 6))
        assert len(mia.views) == 1


async def test_privacy_reaches_every_open_board(arena: Arena, hub: LiveHub) -> None:
    await record(arena, MIA, 9)
    await record(arena, NOAH, 5)
    mia = await arena.world.actor(MIA)
    async with following(await arena.world.actor(NOAH)) as noah, following(mia) as own:
        alias = (await leaderboards.set_privacy(mia, SetPrivacy(mode="pseudonym"))).pseudonym
        await noah.sees((1, alias, 9), (2, "Noah", 5))
        await own.sees((1, "Mia", 9), (2, "Noah", 5))
        await leaderboards.set_privacy(mia, SetPrivacy(mode="hidden"))
        await noah.sees((1, "Noah", 5))
        await own.sees((1, "Noah", 5))
        await until(lambda: own.views[-1].me is not None and own.views[-1].me.is_hidden)


async def test_news_stay_in_their_tenant(arena: Arena, hub: LiveHub) -> None:
    news: list[News] = []

    async def listen(actor: Actor) -> None:
        async for item in live.watch(actor, boards.TOPIC):
            news.append(item)

    tasks = [asyncio.create_task(listen(await arena.world.actor(email))) for email in (GUS, MIA)]
    await until(lambda: len(hub.seats.all()) == 2)
    await record(arena, MIA, 5)
    await until(lambda: bool(news))
    await end(*tasks)
    mine = str((await arena.board()).id)
    keys = {key for item in news for _, key in item.changes}
    assert ledger.LEDGER_KEY in keys
    assert all(key.startswith(mine) for key in keys - {ledger.LEDGER_KEY})
    assert hub.seats.all() == {}


async def test_a_session_that_ends_ends_its_watch_and_no_other(arena: Arena, hub: LiveHub) -> None:
    mia, noah = await arena.world.actor(MIA), await arena.world.actor(NOAH)
    async with following(mia) as ended, following(noah) as kept:
        assert mia.session_id is not None
        async with arena.world.resources.database.unit_of_work(mia) as session:
            await sessions.end_session(
                session,
                mia,
                session_id=mia.session_id,
                user_id=mia.member_id(),
                reason="logout",
                now=utc_now(),
            )
        await until(lambda: ended.is_over)
        await record(arena, OLGA, 1)
        await kept.sees((1, "Olga", 1))
        assert not kept.is_over


async def test_a_suspended_member_watches_no_longer(arena: Arena, hub: LiveHub) -> None:
    admin = await arena.world.actor(ADMIN)
    async with following(await arena.world.actor(MIA)) as mia:
        async with arena.world.resources.database.unit_of_work(admin) as session:
            await members.change_status(session, admin, user_id=arena.person(MIA), status="suspended", now=utc_now())
        await until(lambda: mia.is_over)


async def test_a_cut_subscription_is_taken_up_again_and_what_was_missed_is_caught_up(
    arena: Arena, hub: LiveHub
) -> None:
    async with following(await arena.world.actor(NOAH)) as noah:
        await arena.cache.client.client_kill_filter(_type="pubsub")
        await record(arena, MIA, 5)
        await noah.sees((1, "Mia", 5))


async def test_a_rebuild_reaches_an_open_board(arena: Arena, hub: LiveHub) -> None:
    await record(arena, MIA, 5)
    async with following(await arena.world.actor(NOAH)) as noah:
        await noah.sees((1, "Mia", 5))
        version = (await arena.board()).version
        actor = arena.world.system()
        async with arena.world.resources.database.unit_of_work(actor) as session:
            await boards.rebuild_all(session, actor, now=utc_now())
        await record(arena, MIA, 1)
        await noah.sees((1, "Mia", 6))
        assert (await arena.board()).version != version


async def test_a_board_that_is_wiped_from_valkey_stays_the_same_for_who_watches(arena: Arena, hub: LiveHub) -> None:
    await record(arena, MIA, 5)
    async with following(await arena.world.actor(NOAH)) as noah:
        await noah.sees((1, "Mia", 5))
        await arena.cache.client.flushdb()
        await record(arena, OLGA, 2)
        await noah.sees((1, "Mia", 5), (2, "Olga", 2))


async def test_a_new_day_begins_on_an_open_board_without_an_event(
    arena: Arena, hub: LiveHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(arena, MIA, 5)
    async with following(await arena.world.actor(NOAH), window="day") as noah:
        await noah.sees((1, "Mia", 5))
        tomorrow = utc_now() + timedelta(days=1)
        for module in ("board_feeds", "board_readings"):
            monkeypatch.setattr(f"bizosaas_app.gateway.{module}.utc_now", lambda: tomorrow)
        board_feeds.open_feeds(hub)[0]._box.put(News(is_complete=False))
        await noah.sees()
        assert noah.views[-1].leaderboard.period == f"{tomorrow:%Y-%m-%d}"


async def test_who_may_not_read_boards_watches_none(arena: Arena, hub: LiveHub) -> None:
    root = await arena.world.actor("root@bizosaas.example")
    with pytest.raises(NotPermitted):
        async with aclosing(leaderboards.watch_board(root, ReadBoard(key="points"))) as views:
            await anext(views)
    mia = await arena.world.actor(MIA)
    with pytest.raises(NotFound):
        async with aclosing(leaderboards.watch_board(mia, ReadBoard(key="nothing"))) as views:
            await anext(views)
