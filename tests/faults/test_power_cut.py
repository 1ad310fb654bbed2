"""The app is killed in the middle of its work, and Valkey loses everything: nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
import redis

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths
from bizosaas_app.kernel.embedded.valkey import url as valkey_url
from tests.support.servers import Server

PASSWORD = "Demo-2026-pass!"
EVENTS = 1000
KILL_AFTER = 350
AT_ONCE = 16
BOARDS = "/api/v1/gamification/leaderboards"
RECOUNT = """
    SELECT u.name, sum(e.value)
    FROM gamification_events e JOIN users u ON (u.tenant_id, u.id) = (e.tenant_id, e.user_id)
    WHERE e.tenant_id = (SELECT id FROM tenants WHERE slug = 'acme-corp') AND e.reverses_event_id IS NULL
      AND e.type NOT IN ('referral.held', 'achievement.unlocked', 'leaderboard.podium')
      AND NOT EXISTS (SELECT 1 FROM gamification_events r WHERE r.tenant_id = e.tenant_id
                      AND r.reverses_event_id = e.event_id)
    GROUP BY u.name HAVING sum(e.value) <> 0 ORDER BY 2 DESC, 1
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    value = Server(tmp_path_factory.mktemp("power") / "data", BIZOSAAS_RATE_LIMIT_PER_HOUR="100000")
    yield value.start()
    value.stop()


def administrator(server: Server) -> httpx.Client:
    answer = httpx.post(
        f"{server.url}/api/v1/auth/login", json={"email": "admin@acme.demo", "password": PASSWORD}, timeout=60
    )
    answer.raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60)


async def post_until_the_cut(server: Server, headers: dict[str, str], events: list[dict[str, Any]]) -> list[str]:
    """Post each event on its own, many at once, and cut the power in the middle; give the ids answered with 202."""
    answered: list[str] = []
    waiting = iter(events)

    async def post(client: httpx.AsyncClient) -> None:
        for event in waiting:
            try:
                answer = await client.post("/api/v1/gamification/events", json=event)
            except httpx.HTTPError:
                return
            if answer.status_code == 202:
                answered.append(event["event_id"])
            if len(answered) == KILL_AFTER:
                await asyncio.to_thread(server.kill)

    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as client:
        await asyncio.gather(*(post(client) for _ in range(AT_ONCE)))
    return answered


def read_board(api: httpx.Client) -> list[tuple[str, float]]:
    """Give every row of the points board of all time, by name."""
    rows: list[tuple[str, float]] = []
    cursor = None
    while True:
        query = {"window": "all", "limit": 200, **({"cursor": cursor} if cursor else {})}
        page = api.get(f"{BOARDS}/points", params=query).raise_for_status().json()
        rows += [(entry["display_name"], entry["score"]) for entry in page["entries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


def read_all_boards(api: httpx.Client) -> dict[str, Any]:
    found = {}
    for board in api.get(BOARDS).raise_for_status().json()["items"]:
        for window in ("all", "month", "week", "day"):
            page = (
                api.get(f"{BOARDS}/{board['key']}", params={"window": window, "limit": 200}).raise_for_status().json()
            )
            found[board["key"], window] = [(row["rank"], row["display_name"], row["score"]) for row in page["entries"]]
    return found


def recount(server: Server) -> list[tuple[str, float]]:
    """Sum the ledger as the superuser, past everything that was derived from it."""
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        return [(name, float(total)) for name, total in connection.execute(RECOUNT)]


async def test_every_answered_event_survives_kill_9_exactly_once_and_the_boards_survive_the_loss_of_valkey(
    server: Server,
) -> None:
    with administrator(server) as api:
        users = api.get("/api/v1/users", params={"limit": 200}).json()["items"]
        headers = dict(api.headers)
    events = [
        {
            "event_id": str(uuid.uuid4()),
            "type": "task.completed",
            "user_id": users[number % len(users)]["id"],
            "value": 1 + number % 7,
        }
        for number in range(EVENTS)
    ]
    answered = await post_until_the_cut(server, headers, events)
    assert KILL_AFTER <= len(answered) < EVENTS

    await asyncio.to_thread(server.start)
    with administrator(server) as api:
        kept = [event for event in events if event["event_id"] in set(answered)]
        accepted = duplicates = 0
        for start in range(0, len(kept), 500):
            answer = api.post("/api/v1/gamification/events", json={"events": kept[start : start + 500]}).json()
            accepted, duplicates = accepted + answer["accepted"], duplicates + answer["duplicates"]
        assert (accepted, duplicates) == (0, len(answered))
        by_name = sorted(recount(server))
        assert sorted(read_board(api)) == by_name

        before = read_all_boards(api)
        assert any(before.values())
        with redis.from_url(valkey_url(ValkeyPaths.under(server.data_dir))) as valkey:
            valkey.flushall()
        assert read_all_boards(api) == before
