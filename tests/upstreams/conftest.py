"""Systems that several files of tests stand before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.upstreams.shops import serving


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("shop")) as (_, url):
        yield url
