"""The database console: every table has a view, and only the platform's administrator knows that there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.browser import Browser
from tests.support.world import World

ROOT, ADMIN, MIA = "root@bizosaas.example", "admin@acme.example", "mia@acme.example"
PAGES = ("/sqladmin/", "/sqladmin/acme-corp/", "/sqladmin/acme-corp/users/list", "/sqladmin/_static/console.css")


@pytest.fixture
async def root(world: World) -> AsyncIterator[Browser]:
    async with Browser() as browser:
        await browser.adopt(world, ROOT)
        yield browser


async def test_the_administrator_sees_the_rows_of_the_tenant_that_was_chosen_and_no_others(root: Browser) -> None:
    page = await root.http.get("/sqladmin/acme-corp/users/list")
    assert page.status_code == 200, page.text
    assert MIA in page.text
    assert "globex.example" not in page.text
