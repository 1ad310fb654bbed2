"""Defining and changing leaderboards over HTTP: what is taken, what it counts, and which field is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import select

from models import AuditEntry
from tests.support.boards import MIA, NOAH, OLGA, Arena, Client, ago, arena, running_relay

__all__ = ["arena", "running_relay"]

ADMIN = "admin@acme.example"
SUM = {"event": "*", "aggregate": "sum", "field": "value"}
DRAFT = {"key": "sprint", "title": "Lead sprint", "metric": SUM, "sort": "desc", "tie_rule": "standard"}


async def create(arena: Arena, **fields: Any) -> dict[str, Any]:
    answer = await (await Client.of(arena, ADMIN)).post("/leaderboards", {**DRAFT, **fields})
    assert answer.status_code == 201, answer.text
    line: dict[str, Any] = answer.json()
    return line


async def change(arena: Arena, key: str = "sprint", **fields: Any) -> dict[str, Any]:
    answer = await (await Client.of(arena, ADMIN)).patch(f"/leaderboards/{key}", fields)
    assert answer.status_code == 200, answer.text
    await arena.relay.drain()
    line: dict[str, Any] = answer.json()
    return line


async def rows(
    arena: Arena, key: str = "sprint", *, window: str = "all", reader: str = MIA
) -> list[tuple[int, str, float]]:
    answer = await (await Client.of(arena, reader)).get(f"/leaderboards/{key}?window={window}")
    assert answer.status_code == 200, answer.text
    return [(entry["rank"], entry["display_name"], entry["score"]) for entry in answer.json()["entries"]]


async def score_all(arena: Arena) -> None:
    """Mia 9, then Olga 7, Noah 7, and Mia 2."""
    noon = ago(days=1).replace(hour=12, minute=0)
    for number, (email, value) in enumerate(((MIA, 9), (OLGA, 7), (NOAH, 7), (MIA, 2))):
        moment = noon + timedelta(minutes=number)
        await arena.score(email, value, occurred_at=moment, properties={"shop": f"s{value}"})


async def test_a_new_board_counts_what_the_ledger_holds_and_what_comes(arena: Arena) -> None:
    await score_all(arena)
    line = await create(arena)
    assert {name: line[name] for name in DRAFT} == DRAFT
    assert (line["operator"], line["default_window"], line["status"]) == ("incr", "all", "active")
    assert await rows(arena) == [(1, "Mia", 11), (2, "Olga", 7), (2, "Noah", 7)]
    await arena.score(NOAH, 1)
    assert await rows(arena) == [(1, "Mia", 11), (2, "Noah", 8), (3, "Olga", 7)]


OLGA_NOAH = [(1, "Olga", 7), (1, "Noah", 7), (3, "Mia", 2)]
MIA_FIRST = [(1, "Mia", 9), (2, "Olga", 7), (2, "Noah", 7)]
COUNT = {"event": "*", "aggregate": "count"}
STREAK = {"event": "*", "aggregate": "streak"}
SHOPS = {"event": "*", "aggregate": "distinct", "field": "shop"}
LARGE = {**SUM, "filters": [{"field": "value", "op": "gte", "value": 7}]}

WAYS: list[tuple[dict[str, Any], list[tuple[int, str, float]]]] = [
    ({"operator": "best"}, MIA_FIRST),
    ({"operator": "set"}, OLGA_NOAH),
    ({"operator": "best", "sort": "asc"}, [(1, "Mia", 2), (2, "Olga", 7), (2, "Noah", 7)]),
    ({"operator": "decr", "tie_rule": "dense"}, [(1, "Olga", -7), (1, "Noah", -7), (2, "Mia", -11)]),
    ({"metric": COUNT, "sort": "asc"}, [(1, "Olga", 1), (1, "Noah", 1), (3, "Mia", 2)]),
    ({"metric": {**SUM, "aggregate": "max"}}, MIA_FIRST),
    ({"metric": SHOPS}, [(1, "Mia", 2), (2, "Olga", 1), (2, "Noah", 1)]),
    ({"metric": STREAK, "tie_rule": "dense"}, [(1, "Mia", 1), (1, "Olga", 1), (1, "Noah", 1)]),
    ({"caps": {"largest_change": 8}}, OLGA_NOAH),
    ({"caps": {"smallest_interval_seconds": 3600}}, MIA_FIRST),
    ({"metric": LARGE}, MIA_FIRST),
]


async def test_every_way_of_counting_and_ranking_is_the_same_before_and_after_the_events(arena: Arena) -> None:
    for number, (fields, _) in enumerate(WAYS):
        await create(arena, key=f"before-{number}", **fields)
    await score_all(arena)
    for number, (fields, expected) in enumerate(WAYS):
        await create(arena, key=f"after-{number}", **fields)
        assert await rows(arena, f"before-{number}") == expected, fields
        assert await rows(arena, f"after-{number}") == expected, fields


async def test_a_window_in_the_metric_is_the_boards_own(arena: Arena) -> None:
    line = await create(arena, metric={**SUM, "window": "week"})
    assert (line["default_window"], line["metric"]) == ("week", SUM)
    assert (await change(arena, metric={**SUM, "window": "day"}))["default_window"] == "day"
    assert (await change(arena, window="month"))["default_window"] == "month"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"metric": {**SUM, "threshold": 5}}, "metric.threshold"),
    ({"metric": {"all_of": [SUM]}}, "metric.all_of"),
    ({"metric": {"any_of": [SUM]}}, "metric.any_of"),
    ({"metric": {"event": "*", "aggregate": "median"}}, "metric.aggregate"),
    ({"metric": {"aggregate": "sum"}}, "metric.event"),
    ({"metric": {**SUM, "event": "Order Completed"}}, "metric.event"),
    ({"metric": {**SUM, "field": "a..b"}}, "metric.field"),
    ({"metric": {**SUM, "window": "year"}}, "metric.window"),
    ({"metric": {**SUM, "window": "week"}, "window": "month"}, "window"),
    ({"metric": {**SUM, "filters": [{"field": "a", "op": "like", "value": 1}]}}, "metric.filters.0.op"),
    ({"metric": {**SUM, "filters": [{"field": "a", "op": "eq", "value": "\0"}]}}, "metric"),
    ({"metric": {**SUM, "filters": [{"field": "a", "op": "eq", "value": "x" * 5000}]}}, "metric"),
    ({"metric": "sum"}, "metric"),
    ({"key": "privacy"}, "key"),
    ({"key": "industry"}, "key"),
    ({"key": "Sprint"}, "key"),
    ({"key": "\0"}, "key"),
    ({"title": ""}, "title"),
    ({"title": "a\0b"}, "title"),
    ({"sort": "up"}, "sort"),
    ({"tie_rule": "olympic"}, "tie_rule"),
    ({"operator": "mean"}, "operator"),
    ({"metric": {"event": "*", "aggregate": "streak"}, "operator": "best"}, "operator"),
    ({"metric": {"event": "*", "aggregate": "distinct"}, "operator": "decr"}, "operator"),
    ({"window": "year"}, "window"),
    ({"resets": "0 9 * * 1 0"}, "resets"),
    ({"resets": "whenever it fits"}, "resets"),
    ({"resets": "*/5 * * * *"}, "resets"),
    ({"caps": {"largest_change": -1}}, "caps.largest_change"),
    ({"caps": {"smallest_interval_seconds": "soon"}}, "caps.smallest_interval_seconds"),
    ({"caps": {"most": 5}}, "caps.most"),
    ({"metric": {"event": "*", "aggregate": "streak"}, "caps": {"largest_change": 1}}, "caps.largest_change"),
    ({"visibility": ["everybody"]}, "visibility"),
    ({"visibility": []}, "visibility"),
    ({"prizes": [{"rank": 0, "title": "Cup"}]}, "prizes.0.rank"),
    ({"colour": "red"}, "colour"),
]


async def test_a_wrong_definition_names_its_field(arena: Arena) -> None:
    client = await Client.of(arena, ADMIN)
    for fields, name in WRONG:
        answer = await client.post("/leaderboards", {**DRAFT, **fields})
        assert answer.status_code == 422, (fields, answer.text)
        assert [item["field"] for item in answer.json()["errors"]] == [name], fields
        if not {"key", "colour"} & fields.keys():
            changed = await client.patch("/leaderboards/points", fields)
            assert [item["field"] for item in changed.json()["errors"]] == [name], fields


async def test_a_key_is_given_once(arena: Arena) -> None:
    await create(arena)
    answer = await (await Client.of(arena, ADMIN)).post("/leaderboards", {**DRAFT, "title": "Another"})
    assert (answer.status_code, answer.json()["code"]) == (409, "leaderboard_exists")


async def test_members_may_not_define_or_change_boards(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    assert (await client.post("/leaderboards", DRAFT)).status_code == 403
    assert (await client.patch("/leaderboards/points", {"title": "Mine"})).status_code == 403


async def test_a_board_is_seen_by_the_roles_and_platforms_that_it_names(arena: Arena) -> None:
    await create(arena, visibility=["coreldove"])
    mia = Client((await arena.world.sign_in(MIA)).headers)
    shopper = Client((await arena.world.sign_in(MIA, platform="coreldove")).headers)
    assert (await mia.get("/leaderboards/sprint")).status_code == 404
    assert (await shopper.get("/leaderboards/sprint")).status_code == 200
    assert (await (await Client.of(arena, ADMIN)).get("/leaderboards/sprint")).status_code == 200
    await change(arena, visibility=None)
    assert (await mia.get("/leaderboards/sprint")).status_code == 200


async def test_a_changed_metric_counts_anew_and_a_changed_title_does_not(arena: Arena) -> None:
    await score_all(arena)
    await create(arena)
    before = (await arena.board("sprint")).version
    assert (await change(arena, title="Summer sprint", prizes=[{"rank": 1, "title": "A cup"}]))["prizes"] == [
        {"rank": 1, "title": "A cup"}
    ]
    assert (await arena.board("sprint")).version == before
    await change(arena, metric={"event": "*", "aggregate": "count"}, sort="asc")
    assert await rows(arena) == [(1, "Olga", 1), (1, "Noah", 1), (3, "Mia", 2)]
    await change(arena, caps={"smallest_interval_seconds": 3600})
    assert await rows(arena) == [(1, "Mia", 1), (1, "Olga", 1), (1, "Noah", 1)]
    await change(arena, caps=None)
    assert await rows(arena) == [(1, "Olga", 1), (1, "Noah", 1), (3, "Mia", 2)]


async def test_an_archived_board_is_gone_and_comes_back_with_what_it_missed(arena: Arena) -> None:
    await create(arena)
    await arena.score(MIA, 5)
    assert (await change(arena, status="archived"))["status"] == "archived"
    assert (await (await Client.of(arena, ADMIN)).get("/leaderboards/sprint")).status_code == 404
    await arena.score(MIA, 2)
    await change(arena, status="active")
    assert await rows(arena) == [(1, "Mia", 7)]


async def test_a_board_that_resets_counts_the_season_instead_of_all_time(arena: Arena) -> None:
    await arena.score(MIA, 50, occurred_at=ago(days=400))
    await arena.score(MIA, 5)
    line = await create(arena, resets="0 0 1 1 *")
    assert line["resets"] == "0 0 1 1 *"
    board = (await (await Client.of(arena, MIA)).get("/leaderboards/sprint?window=all")).json()
    assert board["leaderboard"]["period"].startswith("s20")
    assert [entry["score"] for entry in board["entries"]] == [5]
    await change(arena, resets=None)
    assert await rows(arena) == [(1, "Mia", 55)]


async def test_an_unknown_board_cannot_be_changed(arena: Arena) -> None:
    client = await Client.of(arena, ADMIN)
    for key in ("nothing", "%00", "x" * 300):
        assert (await client.patch(f"/leaderboards/{key}", {"title": "X"})).status_code == 404
    assert (await client.patch("/leaderboards/points", {})).status_code == 422


async def test_who_defines_and_changes_is_written_down(arena: Arena) -> None:
    await create(arena)
    await change(arena, title="Other")
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        entries = (await session.exec(select(AuditEntry).where(AuditEntry.subject == "leaderboard:sprint"))).all()
    assert {(entry.action, entry.actor_user_id) for entry in entries} == {
        ("leaderboards.created", arena.person(ADMIN)),
        ("leaderboards.changed", arena.person(ADMIN)),
    }
