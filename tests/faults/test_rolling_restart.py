"""Two servers behind the edge are replaced one after the other: no session, no draft and no event is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.drills import rolling_restart
from bizosaas_app.server import LEAVE_SECONDS
from tests.support.edge import Edge
from tests.support.outages import GivenEngines
from tests.support.servers import Server

Site = tuple[Edge, list[Server], GivenEngines]


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("rolling")
    edge = Edge(folder / "envoy")
    engines = GivenEngines(folder / "data").start()
    servers = [rolling_restart.replica(folder / "data", engines, edge) for _ in range(2)]
    try:
        for server in servers:
            server.start()
        yield edge.start(*(server.port for server in servers)), servers, engines
    finally:
        edge.stop()
        for server in servers:
            server.stop()
        engines.stop()


async def test_servers_are_replaced_in_turns_and_nothing_is_lost(site: Site) -> None:
    outcome = await rolling_restart.drill(*site, people=15, pages=3, writers=2, rounds=1, calm=3)
    assert outcome.audit.is_clean
    assert outcome.tally.acknowledged == outcome.tally.sent.keys()
    assert outcome.tally.odd == []
    assert (outcome.signed_in, outcome.pages_answering, outcome.drafts_intact) == (15, 3, 2)
    assert outcome.page_returns > 0
    assert outcome.saves > 0
    assert outcome.tally.error_percent < 30
    assert outcome.slowest_end < LEAVE_SECONDS
