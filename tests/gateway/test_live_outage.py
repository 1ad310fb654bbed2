"""Valkey dies and comes back empty: nothing is lost, open boards say so and recover by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.embedded import valkey
from bizosaas_app.kernel.embedded.processes import EngineProcess
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths
from tests.support.boards import MIA, NOAH, Arena, arena, running_relay, until
from tests.support.followers import following, hub, record

__all__ = ["arena", "hub", "running_relay"]


class OwnValkey:
    """A Valkey that only this test uses, so that it may be stopped."""

    def __init__(self, root: Path) -> None:
        self.paths = ValkeyPaths.under(root)
        self._process: EngineProcess | None = None

    def start(self) -> None:
        self._process = valkey.start(self.paths, durable=False)

    def stop(self) -> None:
        if self._process is not None:
            valkey.stop(self.paths, self._process)
            self._process = None


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    server = OwnValkey(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def cache(own_valkey: OwnValkey) -> AsyncIterator[Cache]:
    value = Cache(valkey.url(own_valkey.paths))
    yield value
    await value.close()


async def test_a_board_outlives_valkey(arena: Arena, hub: LiveHub, own_valkey: OwnValkey) -> None:
    await record(arena, MIA, 5)
    async with following(await arena.world.actor(NOAH)) as noah:
        await noah.sees((1, "Mia", 5))
        own_valkey.stop()
        await until(lambda: noah.views[-1].connection == "reconnecting")
        await record(arena, NOAH, 9)
        assert await arena.owed() > 0
        own_valkey.start()
        await noah.sees((1, "Noah", 9), (2, "Mia", 5))
        await until(lambda: noah.views[-1].connection == "live")
    board = await arena.board()
    assert await arena.entries(board) == await arena.recount(board)
