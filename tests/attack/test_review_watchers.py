"""Live watchers end with their tab, and belong to the session that opened them. Against a real server."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.attack.test_sockets import MEMBER_STATE
from tests.support.servers import Server
from tests.support.tabs import Tab, log_in, open_tab

pytestmark = pytest.mark.xdist_group("server")

BOARD_STATE = MEMBER_STATE + ".state___leaderboard____leaderboard_state"
HOME_LOAD = MEMBER_STATE + ".state___home____portal_home_state.load"
BOARD_PATH = "/portal/leaderboard"


def watchers(server: Server) -> int:
    text = httpx.get(f"{server.url}/metrics", timeout=30).text
    found = re.search(r"^bizosaas_live_watchers (\S+)$", text, re.MULTILINE)
    assert found is not None
    return int(float(found[1]))


async def watchers_become(server: Server, wanted: int, *, within_seconds: float = 20) -> int:
    """Give the number of watchers once it is the wanted one, or what it is when the time is over."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    while (found := await asyncio.to_thread(watchers, server)) != wanted:
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.5)
    return found


async def choose(tab: Tab, window: str) -> None:
    await tab.send(f"{BOARD_STATE}.load", BOARD_PATH)
    await tab.send(f"{BOARD_STATE}.choose_window", BOARD_PATH, window=window)


async def test_a_watcher_that_a_click_started_ends_with_its_tab(server: Server) -> None:
    before = await watchers_become(server, 0)
    cookie, _ = log_in(server, "client@acme.demo")
    async with open_tab(server, cookie=cookie, path=BOARD_PATH) as tab:
        await choose(tab, "week")
        assert await asyncio.to_thread(watchers, server) > before
    assert await watchers_become(server, before) == before


async def test_a_tab_that_opens_its_page_again_and_again_keeps_one_watcher_of_each_thing_on_it(server: Server) -> None:
    await watchers_become(server, 0)
    cookie, _ = log_in(server, "client@acme.demo")
    async with open_tab(server, cookie=cookie) as tab:
        for _ in range(8):
            await tab.send(HOME_LOAD)
        assert await watchers_become(server, 2, within_seconds=5) <= 3


async def test_a_watcher_of_one_person_never_writes_into_the_tab_of_the_next(server: Server) -> None:
    first, _ = log_in(server, "client@acme.demo")
    second, _ = log_in(server, "client@globex.demo")
    async with open_tab(server, cookie=first, path=BOARD_PATH) as tab:
        await choose(tab, "week")
        token = tab.token
    async with open_tab(server, cookie=second, token=token, path=BOARD_PATH) as tab:
        await choose(tab, "month")
        tab.deltas.clear()
        _, admin = log_in(server, "admin@acme.demo")
        headers = {"Authorization": f"Bearer {admin}"}
        users = httpx.get(f"{server.url}/api/v1/users", params={"limit": 200}, headers=headers, timeout=30).json()
        member = next(user for user in users["items"] if user["email"] == "client@acme.demo")
        event = {
            "event_id": "0198c0de-0000-7000-8000-00000000aaaa",
            "type": "task.completed",
            "user_id": member["id"],
            "value": 4_040_404,
        }
        url = f"{server.url}/api/v1/gamification/events"
        assert httpx.post(url, json=event, headers=headers, timeout=30).status_code == 202
        await asyncio.sleep(2)
        assert re.search(r"4,\d{3},\d{3}", tab.text()) is None
