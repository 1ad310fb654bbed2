"""Two workers of one server behave as one: the quota is exact, and view state and news reach every socket."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.attack.test_sockets import ADMIN_LOAD, ADMIN_STATE, MEMBER_STATE
from tests.support.servers import Server
from tests.support.tabs import log_in, open_tab

LIMIT = 120
UI_LIMIT = 60
COUNTED = 'bizosaas_http_request_seconds_count{method="GET",route="/api/v1/auth/sessions",status="200"}'
BOARD_STATE = MEMBER_STATE + ".state___leaderboard____leaderboard_state"


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = {"BIZOSAAS_RATE_LIMIT_PER_HOUR": str(LIMIT), "BIZOSAAS_UI_LIMIT_PER_HOUR": str(UI_LIMIT)}
    value = Server(tmp_path_factory.mktemp("workers") / "data", workers=2, **limits)
    yield value.start()
    value.stop()


async def test_forty_parallel_connections_get_exactly_the_quota_and_cannot_lock_another_tenant_out(
    two_workers: Server,
) -> None:
    _, bearer = log_in(two_workers, "admin@initech.demo")
    headers = {"Authorization": f"Bearer {bearer}"}
    statuses: list[int] = []
    retry_after: set[int] = set()

    async def ask() -> None:
        # A connection of its own for each request: the kernel spreads connections over the workers.
        for number in range(6):
            async with httpx.AsyncClient(base_url=two_workers.url, timeout=60) as client:
                spoofed = {"X-Forwarded-For": f"198.51.100.{number}", "X-Tenant-ID": str(uuid.uuid4())}
                answer = await client.get("/api/v1/auth/me", headers={**headers, **spoofed})
                statuses.append(answer.status_code)
                if answer.status_code == 429:
                    assert answer.json()["code"] == "rate_limited"
                    retry_after.add(int(answer.headers["Retry-After"]))

    await asyncio.gather(*(ask() for _ in range(40)))
    assert statuses.count(200) == LIMIT
    assert statuses.count(429) == 240 - LIMIT
    assert all(0 < seconds <= 3600 for seconds in retry_after)
    _, other = log_in(two_workers, "admin@globex.demo")
    answer = httpx.get(f"{two_workers.url}/api/v1/auth/me", headers={"Authorization": f"Bearer {other}"}, timeout=60)
    assert answer.status_code == 200


async def test_the_used_up_quota_does_not_keep_people_from_the_ui(two_workers: Server) -> None:
    cookie, bearer = log_in(two_workers, "client@initech.demo")
    headers = {"Authorization": f"Bearer {bearer}"}
    async with httpx.AsyncClient(base_url=two_workers.url, headers=headers, timeout=60) as client:
        answers = [(await client.get("/api/v1/auth/me")).status_code for _ in range(LIMIT + 1)]
    assert answers[-1] == 429
    async with open_tab(two_workers, cookie=cookie) as tab:
        await tab.send(f"{MEMBER_STATE}.enter")
        assert "client@initech.demo" in tab.text()


async def test_an_event_moves_boards_in_both_workers(two_workers: Server) -> None:
    cookies = [log_in(two_workers, "client@acme.demo")[0] for _ in range(3)]
    _, bearer = log_in(two_workers, "admin@acme.demo")
    headers = {"Authorization": f"Bearer {bearer}"}
    async with httpx.AsyncClient(base_url=two_workers.url, headers=headers, timeout=60) as client:
        users = (await client.get("/api/v1/users", params={"limit": 200})).json()["items"]
        member = next(user for user in users if user["email"] == "client@acme.demo")
        # Sockets are spread over the workers by the kernel; six make it all but certain that both have some.
        tabs = [open_tab(two_workers, cookie=cookie, path="/portal/leaderboard") for cookie in cookies * 2]
        opened = [await tab.__aenter__() for tab in tabs]
        try:
            for tab in opened:
                await tab.send(f"{BOARD_STATE}.load", "/portal/leaderboard")
            event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": member["id"], "value": 70_707}
            assert (await client.post("/api/v1/gamification/events", json=event)).status_code == 202
            for tab in opened:
                for _ in range(60):
                    if "70," in repr(tab.deltas) or "71," in repr(tab.deltas):
                        break
                    await asyncio.sleep(0.1)
                assert "70," in repr(tab.deltas) or "71," in repr(tab.deltas)
        finally:
            for tab in tabs:
                await tab.__aexit__(None, None, None)


async def test_a_stolen_client_token_opens_no_part_of_the_view_state(two_workers: Server) -> None:
    """View state in Valkey is loaded branch by branch; the branch that was not loaded must be emptied as well."""
    victim, _ = log_in(two_workers, "admin@acme.demo")
    async with open_tab(two_workers, cookie=victim, path="/admin") as tab:
        await tab.send(ADMIN_LOAD, "/admin")
        assert "@acme.demo" in repr(tab.seen(ADMIN_STATE))
        stolen = tab.token
    thief, _ = log_in(two_workers, "client@globex.demo")
    async with open_tab(two_workers, cookie=thief, token=stolen, first=f"{BOARD_STATE}.load") as tab:
        await tab.send("reflex___state____state.hydrate")
        assert "@acme.demo" not in tab.text()


async def test_a_live_page_does_not_use_up_the_budget_of_its_reader(two_workers: Server) -> None:
    cookie, _ = log_in(two_workers, "client@globex.demo")
    _, bearer = log_in(two_workers, "admin@globex.demo")
    async with httpx.AsyncClient(
        base_url=two_workers.url, headers={"Authorization": f"Bearer {bearer}"}, timeout=60
    ) as client:
        member = (await client.get("/api/v1/users")).json()["items"][0]
        async with open_tab(two_workers, cookie=cookie) as tab:
            await tab.send(f"{MEMBER_STATE}.state___home____portal_home_state.load")
            for _ in range(40):
                event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": member["id"], "value": 9}
                assert (await client.post("/api/v1/gamification/events", json=event)).status_code == 202
                await asyncio.sleep(0.15)
            await asyncio.sleep(2)
            tab.deltas.clear()
            tab.events.clear()
            await tab.send(f"{BOARD_STATE}.load", "/portal/leaderboard")
            assert "great deal" not in tab.text()
            assert tab.seen(BOARD_STATE).get("area_rx_state_") != "failed"


async def test_whichever_worker_is_asked_tells_the_metrics_of_both(two_workers: Server) -> None:
    _, bearer = log_in(two_workers, "admin@acme.demo")
    headers = {"Authorization": f"Bearer {bearer}"}

    async def ask(path: str) -> str:
        # A connection of its own: the kernel spreads connections over the workers.
        async with httpx.AsyncClient(base_url=two_workers.url, headers=headers, timeout=60) as client:
            return (await client.get(path)).text

    def counted(text: str) -> float:
        (line,) = [line for line in text.splitlines() if line.startswith(f"{COUNTED} ")]
        return float(line.split()[-1])

    async def told(wanted: float | None) -> list[str]:
        """Ask until all say the same: a request is counted once its answer has left."""
        for _ in range(60):
            texts = await asyncio.gather(*(ask("/metrics") for _ in range(8)))
            counts = {counted(text) for text in texts}
            if len(counts) == 1 and counts <= {wanted if wanted is not None else counted(texts[0])}:
                return texts
            await asyncio.sleep(0.5)
        raise AssertionError((wanted, counts))

    await ask("/api/v1/auth/sessions")
    await asyncio.sleep(1)
    before = counted((await told(None))[0])
    await asyncio.gather(*(ask("/api/v1/auth/sessions") for _ in range(20)))
    texts = await told(before + 20)
    assert all("process_resident_memory_bytes" in text for text in texts)
    size = {line for text in texts for line in text.splitlines() if line.startswith("bizosaas_database_pool_size{")}
    assert size == {'bizosaas_database_pool_size{pool="main"} 20.0'}
