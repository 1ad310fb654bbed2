"""What a raw socket may do: nothing that its session may not. Against a real server, without a browser."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import socketio

from tests.support.servers import Server
from tests.support.tabs import log_in, open_tab

ADMIN_LOAD = "reflex___state____state.state___session____session_state.state___members____members_state.load"
ADMIN_STATE = ADMIN_LOAD.rpartition(".")[0]
MEMBER_STATE = "reflex___state____state.state___session____session_state"
SETVAR = f"{MEMBER_STATE}.setvar"
HYDRATION = "reflex___state____state.hydrate_and_load"


async def test_without_a_session_a_socket_calls_no_handler_of_ours(server: Server) -> None:
    async with open_tab(server) as tab:
        await tab.send(ADMIN_LOAD, "/admin")
        assert not tab.seen(ADMIN_STATE).get("rows_rx_state_")
        assert "/login" in tab.text()


async def test_a_member_calls_no_handler_of_the_administrators(server: Server) -> None:
    cookie, _ = log_in(server, "client@acme.demo")
    async with open_tab(server, cookie=cookie) as tab:
        await tab.send(ADMIN_LOAD, "/portal")
        assert "@acme.demo" not in repr(tab.seen(ADMIN_STATE))
        assert "/portal" in tab.text()


async def test_the_control_an_administrator_does_get_the_figures(server: Server) -> None:
    cookie, _ = log_in(server, "admin@acme.demo")
    async with open_tab(server, cookie=cookie, path="/admin") as tab:
        await tab.send(ADMIN_LOAD, "/admin")
        assert "@acme.demo" in repr(tab.seen(ADMIN_STATE))


async def test_a_foreign_origin_opens_no_socket(server: Server) -> None:
    cookie, _ = log_in(server, "client@acme.demo")
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with open_tab(server, cookie=cookie, origin="https://evil.example"):
            pass


async def test_setvar_and_unknown_handlers_are_refused(server: Server) -> None:
    cookie, _ = log_in(server, "client@acme.demo")
    async with open_tab(server, cookie=cookie) as tab:
        await tab.send(SETVAR, var_name="name", value="Mallory")
        await tab.send(f"{MEMBER_STATE}.no_such_handler")
        await tab.send(
            "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
            vars={f"{MEMBER_STATE}.name": "Mallory"},
        )
        await tab.send(f"{MEMBER_STATE}.enter")
        assert "Mallory" not in tab.text()


async def test_another_session_that_presents_a_stolen_client_token_finds_nothing(server: Server) -> None:
    victim, _ = log_in(server, "client@acme.demo")
    async with open_tab(server, cookie=victim) as tab:
        await tab.send(f"{MEMBER_STATE}.enter")
        assert "client@acme.demo" in tab.text()
        stolen = tab.token
    thief, _ = log_in(server, "client@globex.demo")
    async with open_tab(server, cookie=thief, token=stolen) as tab:
        await tab.send(f"{MEMBER_STATE}.enter")
        assert "client@acme.demo" not in tab.text()
        assert "client@globex.demo" in tab.text()
    async with open_tab(server, cookie="", token=stolen) as tab:
        assert "client@globex.demo" not in tab.text()


async def test_a_revoked_session_is_dead_on_the_open_socket(server: Server) -> None:
    cookie, bearer = log_in(server, "admin@acme.demo")
    async with open_tab(server, cookie=cookie, path="/admin") as tab:
        await tab.send(ADMIN_LOAD, "/admin")
        assert "@acme.demo" in repr(tab.seen(ADMIN_STATE))
        headers = {"Authorization": f"Bearer {bearer}"}
        assert httpx.post(f"{server.url}/api/v1/auth/logout", headers=headers, timeout=30).status_code == 204
        tab.deltas.clear()
        tab.events.clear()
        await tab.send(ADMIN_LOAD, "/admin")
        assert "@acme.demo" not in repr(tab.seen(ADMIN_STATE))
        assert "/login" in tab.text()


async def test_a_flood_of_events_is_cut_off_and_the_server_goes_on(server: Server) -> None:
    cookie, _ = log_in(server, "client@initech.demo")
    async with open_tab(server, cookie=cookie) as tab:
        event = {"name": f"{MEMBER_STATE}.enter", "payload": {}, "router_data": {"pathname": "/portal"}}
        for _ in range(400):
            await tab.client.emit("event", event, namespace="/_event")
        metrics = await asyncio.to_thread(httpx.get, f"{server.url}/metrics", timeout=30)
        deadline = asyncio.get_running_loop().time() + 20
        while 'reason="flood"' not in metrics.text and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.3)
            metrics = await asyncio.to_thread(httpx.get, f"{server.url}/metrics", timeout=30)
        assert 'reason="flood"' in metrics.text


async def test_no_cookie_and_no_token_reaches_the_log(server: Server) -> None:
    cookie, bearer = log_in(server, "client@acme.demo")
    async with open_tab(server, cookie=cookie) as tab:
        await tab.send(f"{MEMBER_STATE}.no_such_handler", secret="x")
    log = server.log.read_text(errors="replace")
    assert bearer not in log
    assert cookie.split("bz_access=")[1].split(";")[0] not in log


@asynccontextmanager
async def stranger(server: Server, query: str) -> AsyncIterator[socketio.AsyncClient]:
    client = socketio.AsyncClient(reconnection=False)
    options = {"transports": ["websocket"], "socketio_path": "_event", "namespaces": ["/_event"]}
    await client.connect(f"{server.url}{query}", headers={"Origin": server.url}, **options)
    try:
        yield client
    finally:
        await client.disconnect()


@pytest.mark.parametrize("query", ["", f"?token={uuid.UUID(int=1)}"], ids=["no_token", "token"])
@pytest.mark.parametrize(
    "said",
    [
        "overheard password='" + "\\a" * 15_000,
        "overheard " + "eyJa" * 15_000,
        ["overheard", "password='" + "\\a" * 15_000],
        {"overheard": "password='" + "\\a" * 15_000},
        {"name": ["overheard", "password='" + "\\a" * 15_000]},
        {"name": "x", "payload": "overheard password='" + "\\a" * 15_000},
        {"name": "x", "router_data": "overheard password='" + "\\a" * 15_000},
        {"name": "x", "router_data": {"pathname": 7}},
        {"name": "x", "router_data": {"pathname": "/portal", "query": 7}},
        {"name": "overheard", "payload": {"x": "overheard"}, "router_data": {"pathname": "/portal"}},
        {"name": HYDRATION, "router_data": {"pathname": f"/{'overheard' * 500}"}},
        7,
    ],
    ids=range(12),
)
async def test_what_is_no_event_stops_no_worker_and_is_not_logged(server: Server, query: str, said: Any) -> None:
    before = len(server.log.read_text(errors="replace"))
    async with stranger(server, query) as client:
        pongs: asyncio.Queue[str] = asyncio.Queue()
        client.on("ping", pongs.put, namespace="/_event")
        for message in ("event", "unheard_of", "ping"):
            await client.emit(message, said, namespace="/_event")
            await client.emit(message, (said, 7, 7), namespace="/_event")
        for _ in range(2):
            assert await asyncio.wait_for(pongs.get(), 30) == "pong"
    assert httpx.get(f"{server.url}/health", timeout=30).status_code == 200
    logged = server.log.read_text(errors="replace")[before:]
    assert "overheard" not in logged
    assert "Traceback" not in logged


@pytest.mark.parametrize("message", ["connect", "disconnect"])
async def test_a_tab_does_not_tell_of_its_connection_itself(server: Server, message: str) -> None:
    forged = {"QUERY_STRING": "token=forged", "asgi.scope": {"client": ["192.0.2.66", 1], "headers": []}}
    event = {"name": HYDRATION, "router_data": {"pathname": "/portal"}}
    async with stranger(server, f"?token={uuid.uuid4()}") as client:
        heard: asyncio.Queue[Any] = asyncio.Queue()
        client.on("event", heard.put, namespace="/_event")
        client.on("new_token", heard.put, namespace="/_event")
        await client.emit(message, forged, namespace="/_event")
        await client.emit("event", event, namespace="/_event")
        told = repr(await asyncio.wait_for(heard.get(), 30))
        assert "is_hydrated" in told
        assert "192.0.2.66" not in told
        assert "forged" not in told
