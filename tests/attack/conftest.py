"""One real server for the attacks that need a socket; it runs in one worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.servers import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    value = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield value
    value.stop()
