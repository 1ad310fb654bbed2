"""Product sourcing from a connected shop in a browser, by keyboard alone: read, compared, imported, evaluated."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Page, expect

from bizosaas_app.kernel.secrets.file import FileSecrets
from tests.e2e.conftest import OpenContext, enter
from tests.e2e.steps import Seen, leave_and_come_back, look_over
from tests.e2e.test_pages import Complaints
from tests.support.keyboard import Keys, box, fault, field, heading
from tests.support.results import api_of, read
from tests.support.servers import Server
from tests.upstreams.shops import TOKEN, serving

SIZES = {"phone": (360, "admin@initech.demo", "INR"), "desktop": (1440, "admin@globex.demo", "USD")}
LEFT = Seen("Candidates", told={"shop_read": "of 1 it keeps no cost", "shop_imported": "2 refused"})
"""The step that is left in the middle."""


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("shop")) as (_, url):
        yield url


@pytest.fixture(scope="module")
async def site(pages: Server, shop_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """The site's pages on a server that is connected to the shop."""
    server = Server(tmp_path_factory.mktemp("store") / "data", pages_of=pages, ECOMMERCE_URL=shop_url)
    await asyncio.to_thread(server.start, timeout_seconds=420)
    await FileSecrets(server.data_dir / "secrets").put("ecommerce/token", TOKEN)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
@pytest.mark.parametrize("size", SIZES)
async def test_candidates_by_keyboard_from_the_shop_to_their_offers(
    page: Page, open_context: OpenContext, site: Server, size: str
) -> None:
    width, email, currency = SIZES[size]
    complaints = Complaints()
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email)
    complaints.watch(page)
    await page.goto("/wizards/sourcing")
    keys = Keys(page)
    await keys.write("Name of this sourcing", "Boards again")
    await keys.write("Units of each product", "100")
    await keys.press("Continue")
    await expect(heading(page, "Candidates")).to_be_focused()
    with api_of(site, email) as api:
        await read_the_shop(page, keys)
        assert read(api, "/sourcing/products", q="BOARD")["total"] == 0, "reading the shop writes no product"
        await keys.press("Import the products")
        await expect(field(page, "shop_imported")).to_contain_text("1 new, 0 changed, 0 unchanged, 2 refused")
        await look_over(page, "sourcing", "shop")
        await leave_and_come_back(page, await (await open_context()).new_page(), email, LEFT)
        (product,) = read(api, "/sourcing/products", q="BOARD")["items"]
        assert (product["sku"], product["description"]) == ("BOARD-L", "Oak, oiled & sanded.")
    await keys.press("Continue")
    await expect(heading(page, "Evaluation")).to_be_focused()
    await keys.tick("BOARD-L, Bread board, Large")
    await keys.press("Continue")
    await expect(fault(page, "rates")).to_have_text(f"Say what 1 EUR costs in {currency}.")
    assert complaints == []


async def read_the_shop(page: Page, keys: Keys) -> None:
    await keys.choose(box(page, "source"), re.compile("From the connected shop"))
    await keys.press("Continue")
    await expect(fault(page, "shop_supplier")).to_have_text("Say who you buy them from.")
    await expect(fault(page, "shop_read")).to_have_text("Read the shop first.")
    await expect(page.get_by_label("Bought from")).to_be_focused()
    await keys.write("Bought from", "Porcel Ltd")
    await keys.write("Only products that match (optional)", "board")
    await keys.press("Read the shop")
    await expect(field(page, "shop_read")).to_contain_text("3 products read; of 1 it keeps no cost")
    changes = page.get_by_role("region", name="What they would change")
    await expect(changes.get_by_role("row")).to_have_count(4)
    await expect(page.get_by_text("2 rows would be left out.")).to_be_visible()
