"""The body of a request that is passed on: what becomes of an answer that nobody takes any more."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message

from bizosaas_app.gateway.http.upstream_body import RequestBody
from bizosaas_app.gateway.upstreams.faults import ClientLeft


class Client:
    """One that leaves when it is told to."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()

    async def receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


async def stubborn(begun: asyncio.Event) -> str:
    """Give an answer just as the work for it is cancelled."""
    begun.set()
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return "the answer"
    raise AssertionError("nobody has cancelled it")


async def test_an_answer_that_comes_as_the_client_leaves_is_let_go() -> None:
    client, begun, dropped = Client(), asyncio.Event(), list[str]()
    body = RequestBody(client.receive, is_empty=True)

    async def drop(value: str) -> None:
        dropped.append(value)

    asking = asyncio.create_task(body.unless_left(stubborn(begun), drop=drop))
    await begun.wait()
    client.leaves.set()
    with pytest.raises(ClientLeft):
        await asking
    await body.close()
    assert dropped == ["the answer"]


async def test_an_answer_that_is_there_when_the_request_is_cancelled_is_let_go() -> None:
    client, may_end, dropped = Client(), asyncio.Event(), list[str]()
    body = RequestBody(client.receive, is_empty=True)

    async def answer() -> str:
        await may_end.wait()
        asking.cancel()  # in the very step in which the answer is ready
        return "the answer"

    async def drop(value: str) -> None:
        dropped.append(value)

    asking = asyncio.create_task(body.unless_left(answer(), drop=drop))
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await body.close()
    assert dropped == ["the answer"]


async def test_an_answer_that_is_taken_is_not_let_go() -> None:
    body = RequestBody(Client().receive, is_empty=True)

    async def answer() -> str:
        return "the answer"

    async def drop(value: str) -> None:
        raise AssertionError(value)

    assert await body.unless_left(answer(), drop=drop) == "the answer"
    await body.close()
