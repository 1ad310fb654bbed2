"""Workers of a server are killed one after the other under load: the server goes on, and keeps what it promised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.drills import killed_workers
from tests.support.servers import Server


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = {"BIZOSAAS_RATE_LIMIT_PER_HOUR": "1000000", "BIZOSAAS_JOBS": "0"}
    value = Server(tmp_path_factory.mktemp("killed") / "data", workers=2, **limits)
    yield value.start()
    value.stop()


async def test_no_acknowledged_event_and_no_session_is_lost_with_a_killed_worker(server: Server) -> None:
    outcome = await killed_workers.drill(server, people=30, pages=3, kills=2, every=15)
    assert (outcome.killed, outcome.workers) == (2, 2)
    assert outcome.audit.is_clean
    assert outcome.tally.acknowledged == outcome.tally.sent.keys()
    assert outcome.tally.odd == []
    assert outcome.signed_in == 30
    assert outcome.pages_answering == 3
