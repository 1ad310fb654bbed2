"""PostgreSQL, then Valkey, is away for a while under load: clear refusals, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.drills import lost_engines
from tests.support.outages import GivenEngines
from tests.support.servers import Server


@pytest.fixture
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GivenEngines]:
    value = GivenEngines(tmp_path_factory.mktemp("lost") / "data")
    yield value.start()
    value.stop()


@pytest.fixture
def server(engines: GivenEngines) -> Iterator[Server]:
    limits = {"BIZOSAAS_RATE_LIMIT_PER_HOUR": "1000000", "BIZOSAAS_DEMO": "0"}
    value = Server(engines.data_dir, workers=2, **limits, **engines.urls)
    yield value.start()
    value.stop()


async def test_each_engine_may_be_away_and_come_back(server: Server, engines: GivenEngines) -> None:
    outcome = await lost_engines.drill(server, engines, people=20, pages=3, away=5, calm=3)
    for outage in outcome.outages:
        assert outage.wrong == []
        assert outage.refusals > 0
        assert outage.returned_in < 30
    assert outcome.tally.odd == []
    assert outcome.audit.is_clean
    assert outcome.tally.acknowledged == outcome.tally.sent.keys()
    assert outcome.signed_in == 20
    assert outcome.pages_answering == 3
