"""Calls to a connected system over real sockets: what it gets to see, and what the client gets back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.upstreams import Front, RawUpstream, gateway, raw_upstream
from tests.support.world import World


@pytest.fixture
async def crm() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def front(world: World, crm: RawUpstream) -> AsyncIterator[Front]:
    async with gateway(world, crm_url=f"{crm.url}/api") as value:
        yield value


async def test_a_read_reaches_the_upstream_and_its_answer_the_client(front: Front, crm: RawUpstream) -> None:
    answer = await front.get("/crm/leads/?page=2&q=a%20b")
    assert (answer.status_code, answer.json()) == (200, {"id": "a"})
    (seen,) = crm.seen
    assert (seen.method, seen.target) == ("GET", "/api/leads/?page=2&q=a%20b")
    assert seen.header("host") == f"127.0.0.1:{crm.port}"
