"""Previews of boards over HTTP: what a draft would show is what the saved board shows, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import func, select

from bizosaas_app.services.gamification import board_previews, people
from models import GamificationEvent, Leaderboard, LeaderboardEntry, OutboxMessage
from tests.gateway.test_board_keeping import ADMIN, DRAFT, SUM, WAYS, create, rows, score_all
from tests.support.boards import GUS, MIA, OLGA, Arena, Client, ago, arena, running_relay

__all__ = ["arena", "running_relay"]

PLAIN = {name: value for name, value in DRAFT.items() if name != "key"}


async def preview(arena: Arena, **fields: Any) -> dict[str, Any]:
    answer = await (await Client.of(arena, ADMIN)).post("/leaderboards/preview", {**PLAIN, **fields})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def places(found: dict[str, Any]) -> list[tuple[int, str, float]]:
    return [(entry["rank"], entry["display_name"], entry["score"]) for entry in found["entries"]]


async def test_every_way_of_counting_is_previewed_as_the_saved_board_shows_it(arena: Arena) -> None:
    await score_all(arena)
    await arena.score(MIA, 3, occurred_at=ago(days=70))
    await arena.score(GUS, 99)
    await arena.reverse(await arena.score(OLGA, 40))
    for number, (fields, _) in enumerate(WAYS):
        await create(arena, key=f"saved-{number}", **fields)
        for window in ("all", "month", "week", "day"):
            found = await preview(arena, window=window, **fields)
            expected = await rows(arena, f"saved-{number}", window=window)
            assert places(found) == expected, (fields, window)
            assert found["total"] == len(expected)


async def test_a_preview_names_its_period_and_a_season_begins_with_its_reset(arena: Arena) -> None:
    await arena.score(MIA, 50, occurred_at=ago(days=400))
    await arena.score(MIA, 5)
    found = await preview(arena, resets="0 0 1 1 *")
    assert found["title"].startswith("the season from 1 January")
    assert places(found) == [(1, "Mia", 5)]
    assert (await preview(arena))["title"] == "all time"


async def test_a_preview_shows_what_others_may_see(arena: Arena) -> None:
    await score_all(arena)
    for email, mode in ((MIA, "hidden"), (OLGA, "pseudonym")):
        actor = (await arena.world.sign_in(email)).actor
        async with arena.world.resources.database.unit_of_work(actor) as session:
            await people.set_privacy(session, actor, mode)  # type: ignore[arg-type]  # both are modes
    found = await preview(arena)
    assert found["total"] == 2
    assert [entry["rank"] for entry in found["entries"]] == [1, 1]
    assert {"Mia", "Olga"}.isdisjoint(entry["display_name"] for entry in found["entries"])


async def test_a_preview_writes_nothing_and_names_the_wrong_field(arena: Arena) -> None:
    await score_all(arena)

    async def counted() -> tuple[int, ...]:
        async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
            tables = (Leaderboard, LeaderboardEntry, OutboxMessage, GamificationEvent)
            return tuple([(await session.exec(select(func.count()).select_from(table))).one() for table in tables])

    before = await counted()
    await preview(arena, metric={**SUM, "aggregate": "max"}, caps={"smallest_interval_seconds": 60})
    assert await counted() == before
    client = await Client.of(arena, ADMIN)
    wrong = await client.post("/leaderboards/preview", {**PLAIN, "metric": {**SUM, "aggregate": "median"}})
    assert [item["field"] for item in wrong.json()["errors"]] == ["metric.aggregate"]
    assert (await (await Client.of(arena, MIA)).post("/leaderboards/preview", PLAIN)).status_code == 403


async def test_more_than_can_be_counted_meanwhile_is_refused(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    await score_all(arena)
    monkeypatch.setattr(board_previews, "MOST_EVENTS", 3)
    answer = await (await Client.of(arena, ADMIN)).post(
        "/leaderboards/preview", {**PLAIN, "caps": {"smallest_interval_seconds": 1}}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "preview_too_large")
    assert places(await preview(arena)) == [(1, "Mia", 11), (2, "Olga", 7), (2, "Noah", 7)]


async def test_a_count_that_takes_too_long_is_refused(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    await score_all(arena)
    monkeypatch.setattr(board_previews, "SECONDS", 0.05)
    slow = board_previews._QUERY.replace("FROM parts", "FROM parts, pg_sleep(10)")
    monkeypatch.setattr(board_previews, "_QUERY", slow)
    answer = await (await Client.of(arena, ADMIN)).post("/leaderboards/preview", PLAIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "preview_too_large")
