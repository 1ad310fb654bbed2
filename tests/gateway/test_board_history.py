"""Earlier periods, seasons and movement over HTTP; privacy holds on each of them at once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlmodel import update

from bizosaas_app.gateway import board_rounds
from bizosaas_app.kernel.clock import utc_now
from models import Leaderboard
from tests.support.boards import MIA, NOAH, OLGA, Arena, Client, ago, arena, running_relay

__all__ = ["arena", "running_relay"]

ADMIN = "admin@acme.example"


async def read(arena: Arena, email: str, path: str) -> dict[str, Any]:
    answer = await (await Client.of(arena, email)).get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def hide(arena: Arena, email: str, mode: str = "hidden") -> None:
    await (await Client.of(arena, email)).put("/leaderboards/privacy", {"mode": mode})
    await arena.relay.drain()


async def close_last_month(arena: Arena) -> str:
    """Mia 9, Olga 7, Noah 5, the administrator 1; closed by the round. Gives the period."""
    board = await arena.board()
    began = board.began_at("month", utc_now())
    assert began is not None
    for email, value in ((MIA, 9), (OLGA, 7), (NOAH, 5), (ADMIN, 1)):
        await arena.score(email, value, occurred_at=began - timedelta(days=2))
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.execute(update(Leaderboard).values(created_at=ago(days=40)))
    await board_rounds.close_seasons(arena.world.system(), utc_now())
    return board.period_at("month", began - timedelta(days=2))


async def test_a_closed_period_can_be_read_by_its_name(arena: Arena) -> None:
    period = await close_last_month(arena)
    board = await read(arena, MIA, f"/leaderboards/points?period={period}&limit=2")
    assert (board["leaderboard"]["window"], board["leaderboard"]["period"]) == ("month", period)
    assert [(entry["rank"], entry["display_name"], entry["score"]) for entry in board["entries"]] == [
        (1, "Mia", 9),
        (2, "Olga", 7),
    ]
    assert (board["total"], board["me"]["rank"], board["me"]["movement"]) == (4, 1, None)
    await arena.score(NOAH, 50, occurred_at=utc_now())
    assert (await read(arena, MIA, f"/leaderboards/points?window=month&period={period}"))["total"] == 4
    assert (await read(arena, MIA, "/leaderboards/points?period=2019-02"))["entries"] == []


async def test_a_name_of_no_period_is_refused(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    for query in (
        "period=yesterday",
        "period=2026-13",
        "period=2026-W54",
        "period=2026-02-30",
        "period=s2026-02-30T0900",
        "period=2990-01",
        "period=%00",
        "window=week&period=2026-02",
    ):
        answer = await client.get(f"/leaderboards/points?{query}")
        assert answer.status_code == 422, query
        assert [item["field"] for item in answer.json()["errors"]] == ["period"], query


async def test_seasons_are_listed_the_latest_first_with_their_podium(arena: Arena) -> None:
    period = await close_last_month(arena)
    page = await read(arena, OLGA, "/leaderboards/points/seasons")
    (season,) = page["items"]
    assert (season["period"], season["window"], season["total"]) == (period, "month", 4)
    assert [(place["rank"], place["display_name"], place["is_me"]) for place in season["podium"]] == [
        (1, "Mia", False),
        (2, "Olga", True),
        (3, "Noah", False),
    ]
    assert page["next_cursor"] is None
    days = await read(arena, OLGA, "/leaderboards/points/seasons?window=day&limit=1")
    assert (len(days["items"]), days["next_cursor"]) == (1, None)


async def test_seasons_come_in_pages(arena: Arena) -> None:
    for back in (1, 2, 3):
        await arena.score(MIA, back, occurred_at=utc_now() - timedelta(days=back))
    await close_last_month(arena)
    path, found = "/leaderboards/points/seasons?window=day&limit=2", []
    page = await read(arena, MIA, path)
    while page["next_cursor"]:
        found += page["items"]
        page = await read(arena, MIA, f"{path}&cursor={page['next_cursor']}")
    periods = [item["period"] for item in (*found, *page["items"])]
    assert len(periods) >= 3
    assert periods == sorted(set(periods), reverse=True)


async def test_privacy_holds_for_what_was_announced_too(arena: Arena) -> None:
    period = await close_last_month(arena)
    await hide(arena, MIA)
    await hide(arena, OLGA, "pseudonym")
    for path in ("/leaderboards/points/seasons", f"/leaderboards/points?period={period}"):
        seen = json.dumps(await read(arena, NOAH, path))
        assert "Noah" in seen
        assert "Mia" not in seen
        assert "Olga" not in seen
    own = await read(arena, OLGA, "/leaderboards/points/seasons")
    assert [place["display_name"] for place in own["items"][0]["podium"]] == ["Olga", "Noah"]


async def test_the_seasons_of_an_unknown_board_are_not_found(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    assert (await client.get("/leaderboards/nothing/seasons")).status_code == 404
    assert (await client.get("/leaderboards/points/seasons?cursor=x")).status_code == 422


async def test_the_seasons_of_an_archived_board_are_for_whoever_changes_boards(arena: Arena) -> None:
    period = await close_last_month(arena)
    admin = await Client.of(arena, ADMIN)
    assert (await admin.patch("/leaderboards/points", {"status": "archived"})).status_code == 200
    page = await read(arena, ADMIN, "/leaderboards/points/seasons")
    assert [(item["period"], item["total"]) for item in page["items"]] == [(period, 4)]
    assert (await (await Client.of(arena, MIA)).get("/leaderboards/points/seasons")).status_code == 404


async def score_yesterday_and_today(arena: Arena) -> None:
    """Yesterday Mia 9, Olga 7, Noah 5; today Noah 3 and the administrator 1."""
    then = utc_now() - timedelta(days=1)
    for email, value in ((MIA, 9), (OLGA, 7), (NOAH, 5)):
        await arena.score(email, value, occurred_at=then)
    await arena.score(NOAH, 3)
    await arena.score(ADMIN, 1)


async def test_a_board_tells_who_has_moved_since_yesterday(arena: Arena) -> None:
    await score_yesterday_and_today(arena)
    board = await read(arena, NOAH, "/leaderboards/points?window=all")
    assert [(entry["display_name"], entry["movement"]) for entry in board["entries"]] == [
        ("Mia", 0),
        ("Noah", 1),
        ("Olga", -1),
        ("Admin", None),
    ]
    assert board["me"]["movement"] == 1
    assert all(
        entry["movement"] is None for entry in (await read(arena, NOAH, "/leaderboards/points?window=day"))["entries"]
    )


async def test_movement_survives_the_loss_of_valkey_and_a_rebuild(arena: Arena) -> None:
    await score_yesterday_and_today(arena)
    await board_rounds.keep_ranks(arena.world.system(), utc_now())
    await arena.cache.client.flushdb()
    assert (await read(arena, NOAH, "/leaderboards/points?window=all"))["me"]["movement"] == 1
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.execute(update(Leaderboard).values(updated_at=utc_now()))
    assert (await read(arena, NOAH, "/leaderboards/points?window=all"))["me"]["movement"] == 1


async def test_a_board_of_another_metric_moves_against_its_own_yesterday(arena: Arena) -> None:
    await score_yesterday_and_today(arena)
    assert (await read(arena, NOAH, "/leaderboards/points?window=all"))["me"]["movement"] == 1
    client = await Client.of(arena, ADMIN)
    await client.patch("/leaderboards/points", {"sort": "asc"})
    await arena.relay.drain()
    board = await read(arena, NOAH, "/leaderboards/points?window=all")
    assert [(entry["display_name"], entry["movement"]) for entry in board["entries"]] == [
        ("Admin", None),
        ("Olga", 0),
        ("Noah", -2),
        ("Mia", -1),
    ]
