"""A stranger's socket cannot fill the server's memory with one large frame."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.servers import Server
from tests.support.tabs import open_tab

pytestmark = pytest.mark.xdist_group("server")

HYDRATE = "reflex___state____state.hydrate"


@pytest.mark.parametrize(("size", "is_kept"), [(1_000, True), (200_000, False)])
async def test_a_frame_of_ordinary_size_passes_and_a_huge_one_ends_the_socket(
    server: Server, size: int, is_kept: bool
) -> None:
    async with open_tab(server) as tab:
        event = {"name": HYDRATE, "payload": {}, "router_data": {"pathname": "/login", "asPath": "/" + "y" * size}}
        await tab.client.emit("event", event, namespace="/_event")
        await asyncio.sleep(1)
        assert tab.client.connected is is_kept
