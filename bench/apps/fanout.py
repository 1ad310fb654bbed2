"""The bare fan-out: what is posted goes through Valkey's pub/sub, as it is, to every open WebSocket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from redis.asyncio import Redis

POST: Final = "/publish"
SOCKET: Final = "/socket"
_CHANNEL: Final = "bench:fanout"


def build() -> FastAPI:
    """Give the application; `BENCH_VALKEY` says where its Valkey is."""
    valkey = Redis.from_url(os.environ["BENCH_VALKEY"])
    viewers: set[WebSocket] = set()

    async def hand_on() -> None:
        async with valkey.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(_CHANNEL)
            async for message in channel.listen():
                text = message["data"].decode()
                for viewer in list(viewers):
                    await viewer.send_text(text)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(hand_on())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await valkey.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.post(POST, status_code=202)
    async def publish(request: Request) -> dict[str, str]:
        await valkey.publish(_CHANNEL, await request.body())
        return {}

    @app.websocket(SOCKET)
    async def join(viewer: WebSocket) -> None:
        await viewer.accept()
        viewers.add(viewer)
        with suppress(WebSocketDisconnect):
            while True:
                await viewer.receive_text()
        viewers.discard(viewer)

    return app
