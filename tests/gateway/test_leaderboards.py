"""Leaderboards over HTTP: the shape of the contract, and what each reader may see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import col, update

from models import Leaderboard
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, Client, ago, arena, running_relay

__all__ = ["arena", "running_relay"]

ADMIN = "admin@acme.example"
POINTS = "/leaderboards/points?window=all"


async def score_all(arena: Arena) -> None:
    """Mia 9, Olga 7, Noah 7 (later), the administrator 1."""
    for number, (email, value) in enumerate(((MIA, 9), (OLGA, 7), (NOAH, 7), (ADMIN, 1))):
        await arena.score(email, value, occurred_at=ago(minutes=60 - number))


async def read(arena: Arena, email: str, path: str = POINTS) -> dict[str, Any]:
    answer = await (await Client.of(arena, email)).get(path)
    assert answer.status_code == 200, answer.text
    board: dict[str, Any] = answer.json()
    return board


async def set_privacy(arena: Arena, email: str, mode: str) -> dict[str, Any]:
    answer = await (await Client.of(arena, email)).put("/leaderboards/privacy", {"mode": mode})
    assert answer.status_code == 200
    await arena.relay.drain()
    body: dict[str, Any] = answer.json()
    return body


def names(board: dict[str, Any]) -> list[str]:
    return [entry["display_name"] for entry in board["entries"]]


async def test_the_boards_of_the_tenant_are_listed_with_their_windows(arena: Arena) -> None:
    page = await read(arena, MIA, "/leaderboards")
    assert [item["key"] for item in page["items"]] == ["achievements", "campaigns", "points", "referrals"]
    points = page["items"][2]
    assert points["metric"] == {"event": "*", "aggregate": "sum", "field": "value"}
    assert points["windows"] == ["all", "month", "week", "day"]
    first = await read(arena, MIA, "/leaderboards?limit=2")
    rest = await read(arena, MIA, f"/leaderboards?limit=2&cursor={first['next_cursor']}")
    assert [item["key"] for item in (*first["items"], *rest["items"])] == [
        "achievements",
        "campaigns",
        "points",
        "referrals",
    ]
    assert rest["next_cursor"] is None


async def test_a_board_tells_rows_own_place_and_total(arena: Arena) -> None:
    await score_all(arena)
    board = await read(arena, NOAH)
    assert [(entry["rank"], entry["display_name"], entry["score"], entry["is_me"]) for entry in board["entries"]] == [
        (1, "Mia", 9, False),
        (2, "Olga", 7, False),
        (2, "Noah", 7, True),
        (4, "Admin", 1, False),
    ]
    assert board["leaderboard"]["key"] == "points"
    assert (board["leaderboard"]["window"], board["leaderboard"]["period"]) == ("all", "all")
    me = board["me"]
    assert (me["rank"], me["score"], me["percentile"], me["to_next"], me["is_hidden"]) == (2, 7, 75.0, 2, False)
    assert me["key"] == board["entries"][2]["key"]
    assert (board["total"], board["next_cursor"]) == (4, None)


async def test_pages_follow_one_another_without_a_gap(arena: Arena) -> None:
    await score_all(arena)
    first = await read(arena, MIA, f"{POINTS}&limit=3")
    rest = await read(arena, MIA, f"{POINTS}&limit=3&cursor={first['next_cursor']}")
    assert names(first) + names(rest) == ["Mia", "Olga", "Noah", "Admin"]
    assert [entry["rank"] for entry in rest["entries"]] == [4]
    assert rest["next_cursor"] is None


async def test_around_me_shows_the_neighbours(arena: Arena) -> None:
    await score_all(arena)
    board = await read(arena, ADMIN, f"{POINTS}&around=me&limit=2")
    assert names(board) == ["Noah", "Admin"]
    stranger = await read(arena, ADMIN, "/leaderboards/referrals?around=me&limit=2")
    assert (stranger["entries"], stranger["me"]) == ([], None)


async def test_a_score_with_decimals_is_a_json_number(arena: Arena) -> None:
    await arena.score(MIA, "2.5")
    board = await read(arena, MIA)
    assert json.dumps(board["entries"][0]["score"]) == "2.5"
    await arena.score(MIA, "0.5")
    assert json.dumps((await read(arena, MIA))["me"]["score"]) == "3"


async def test_each_window_counts_its_own_time(arena: Arena) -> None:
    await arena.score(MIA, 5, occurred_at=ago(days=70))
    await arena.score(MIA, 2)
    found = {window: await read(arena, MIA, f"/leaderboards/points?window={window}") for window in ("all", "day")}
    assert [board["me"]["score"] for board in found.values()] == [7, 2]
    assert (await read(arena, MIA, "/leaderboards/points"))["leaderboard"]["window"] == "month"


async def test_a_wrong_question_names_its_field(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    for query, field in (
        ("window=year", "window"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%C3%BC", "cursor"),
        ("around=you", "around"),
        ("sort=asc", "sort"),
    ):
        answer = await client.get(f"/leaderboards/points?{query}")
        assert answer.status_code == 422, query
        assert [item["field"] for item in answer.json()["errors"]] == [field]


async def test_an_unknown_board_is_not_found(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    for key in ("nothing", "%00", "x" * 300, "Points"):
        answer = await client.get(f"/leaderboards/{key}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_board_of_another_tenant_is_not_found(arena: Arena) -> None:
    await arena.define("secret", metric={"event": "*", "aggregate": "count"}, slug="globex")
    assert (await (await Client.of(arena, GUS)).get("/leaderboards/secret")).status_code == 200
    assert (await (await Client.of(arena, MIA)).get("/leaderboards/secret")).status_code == 404


async def test_another_tenants_scores_stay_there(arena: Arena) -> None:
    await arena.score(GUS, 50)
    await arena.score(MIA, 5)
    assert names(await read(arena, MIA)) == ["Mia"]
    assert names(await read(arena, GUS)) == ["Gus"]


async def test_a_board_for_administrators_does_not_exist_for_members(arena: Arena) -> None:
    await arena.define("inner", metric={"event": "*", "aggregate": "count"}, visibility=["tenant_admin"])
    assert (await (await Client.of(arena, ADMIN)).get("/leaderboards/inner")).status_code == 200
    assert (await (await Client.of(arena, MIA)).get("/leaderboards/inner")).status_code == 404
    assert "inner" not in [item["key"] for item in (await read(arena, MIA, "/leaderboards"))["items"]]


async def test_an_archived_board_is_gone(arena: Arena) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.execute(update(Leaderboard).where(col(Leaderboard.key) == "points").values(status="archived"))
    assert (await (await Client.of(arena, MIA)).get(POINTS)).status_code == 404


async def test_a_pseudonym_hides_the_name_from_others_and_stays_the_same(arena: Arena) -> None:
    await score_all(arena)
    shown = await set_privacy(arena, MIA, "pseudonym")
    seen, own = await read(arena, NOAH), await read(arena, MIA)
    assert names(seen)[0] == shown["display_name"] == shown["pseudonym"]
    assert "Mia" not in json.dumps(seen)
    assert str(arena.person(MIA)) not in json.dumps(seen)
    assert (names(own)[0], own["me"]["display_name"]) == ("Mia", "Mia")
    await arena.cache.client.flushdb()
    assert names(await read(arena, NOAH)) == names(seen)


async def test_a_row_cannot_be_followed_from_a_name_to_its_pseudonym(arena: Arena) -> None:
    await score_all(arena)
    before = (await read(arena, NOAH))["entries"][0]["key"]
    await set_privacy(arena, MIA, "pseudonym")
    assert (await read(arena, NOAH))["entries"][0]["key"] != before


async def test_a_hidden_member_is_seen_by_nobody_but_themselves(arena: Arena) -> None:
    await score_all(arena)
    assert (await set_privacy(arena, MIA, "hidden"))["display_name"] == ""
    seen, own = await read(arena, NOAH), await read(arena, MIA)
    assert names(seen) == names(own) == ["Olga", "Noah", "Admin"]
    assert [entry["rank"] for entry in seen["entries"]] == [1, 1, 3]
    assert (own["me"]["rank"], own["me"]["display_name"], own["me"]["is_hidden"]) == (1, "Mia", True)
    assert own["total"] == 3


async def test_a_change_of_privacy_is_in_force_for_the_next_reader(arena: Arena, running_relay: object) -> None:
    await score_all(arena)
    assert names(await read(arena, NOAH))[0] == "Mia"
    assert (await (await Client.of(arena, MIA)).put("/leaderboards/privacy", {"mode": "hidden"})).status_code == 200
    assert names(await read(arena, NOAH))[0] == "Olga"


async def test_an_unknown_mode_of_privacy_is_refused(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    for body in ({}, {"mode": "invisible"}, {"mode": "hidden", "user_id": "x"}):
        assert (await client.put("/leaderboards/privacy", body)).status_code == 422


async def test_whoever_records_an_event_sees_it_on_the_board_at_once(
    arena: Arena, running_relay: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bizosaas_app.gateway.leaderboards._SETTLE_SECONDS", 30)  # a busy machine needs more than ours
    client = await Client.of(arena, ADMIN)
    for total in range(1, 6):
        body = {"event_id": str(arena.person(MIA))[:-4] + f"{total:04d}", "type": "task.completed", "value": 1}
        await client.post("/events", {**body, "user_id": str(arena.person(ADMIN))})
        assert (await client.get(POINTS)).json()["me"]["score"] == total
