"""A raw client of Reflex's socket, without a browser: it may send whatever it likes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import socketio

from tests.support.servers import Server

PASSWORD = "Demo-2026-pass!"


@dataclass
class Tab:
    """Sends events, keeps every delta and follow-up event that comes back."""

    client: socketio.AsyncClient
    token: str
    deltas: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, name: str, path: str = "/portal", **payload: Any) -> None:
        await self.emit(name, payload, path)
        await asyncio.sleep(0.6)

    async def emit(self, name: str, payload: dict[str, Any], path: str) -> None:
        """Send an event and wait for nothing."""
        router = {"pathname": path.partition("?")[0], "asPath": path, "query": {}}
        await self.client.emit("event", {"name": name, "payload": payload, "router_data": router}, namespace="/_event")

    def seen(self, state: str) -> dict[str, Any]:
        """Everything that was ever told of one state, the latest last."""
        merged: dict[str, Any] = {}
        for delta in self.deltas:
            merged.update(delta.get(state, {}))
        return merged

    def text(self) -> str:
        return repr(self.deltas) + repr(self.events)

    def forget(self) -> None:
        """Begin to listen afresh."""
        self.deltas.clear()
        self.events.clear()


@asynccontextmanager
async def open_tab(
    server: Server,
    *,
    cookie: str = "",
    origin: str | None = None,
    token: str | None = None,
    path: str = "/portal",
    first: str = "reflex___state____state.hydrate_and_load",
) -> AsyncIterator[Tab]:
    client = socketio.AsyncClient(reconnection=False)
    tab = Tab(client, token or str(uuid.uuid4()))

    def keep(update: Any) -> None:
        data = update if isinstance(update, dict) else {}
        tab.deltas.append(data.get("delta") or {})
        tab.events.extend(data.get("events") or [])

    client.on("event", keep, namespace="/_event")
    headers = {"Cookie": cookie, "Origin": origin or server.url}
    await client.connect(
        f"{server.url}?token={tab.token}",
        headers=headers,
        transports=["websocket"],
        socketio_path="_event",
        namespaces=["/_event"],
    )
    try:
        await tab.send(first, path)
        yield tab
    finally:
        await client.disconnect()


def log_in(server: Server, email: str) -> tuple[str, str]:
    """Give the cookie header and the bearer token of a fresh session."""
    answer = httpx.post(f"{server.url}/api/v1/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    return cookie, answer.json()["access_token"]
