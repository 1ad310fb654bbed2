"""Several live streams as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from bizosaas_app.kernel.errors import NotFound
from state.watching import merged


async def giving(*items: object, then: Exception | None = None) -> AsyncGenerator[object, None]:
    for item in items:
        yield item
    if then is not None:
        raise then


async def test_what_any_stream_gives_comes_and_the_end_is_the_end_of_all() -> None:
    found = [item async for item in merged(giving(1, 2), giving("a"))]
    assert sorted(map(str, found)) == ["1", "2", "a"]


async def test_a_stream_that_is_refused_ends_alone_and_a_bug_is_raised() -> None:
    assert [item async for item in merged(giving(then=NotFound()), giving("a", "b"))] == ["a", "b"]
    with pytest.raises(ZeroDivisionError):
        _ = [item async for item in merged(giving("a", then=ZeroDivisionError()), giving())]


async def test_leaving_closes_every_stream() -> None:
    closed: list[str] = []

    async def endless(name: str) -> AsyncGenerator[object, None]:
        try:
            while True:
                yield name
                await asyncio.sleep(0)
        finally:
            closed.append(name)

    stream = merged(endless("a"), endless("b"))
    assert await anext(stream) in ("a", "b")
    await stream.aclose()
    assert sorted(closed) == ["a", "b"]
