"""Product sourcing from the connected shop: what it sells and what that costs becomes offers, as from a file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bizosaas_app.gateway import systems, wizards
from bizosaas_app.gateway.contracts.systems import ListVariants
from bizosaas_app.gateway.contracts.wizards import DraftField, DraftId, FieldView
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.services.wizards.operations import DraftClosed
from models import ImportBatch, Product, SupplierOffer, WizardFile
from tests.support.buyer import Buyer
from tests.support.upstreams import ADMIN, Front, Seen, answer, gateway, raw_upstream, saying
from tests.support.world import World
from tests.upstreams.shops import connect

PAGES = {"shop_supplier": "Porcel Ltd", "shop_channel": "default-channel", "source": "shop"}


@pytest.fixture
async def front(world: World, shop_url: str) -> AsyncIterator[Front]:
    await connect(world)
    async with gateway(world, ecommerce_url=shop_url) as value:
        yield value


@pytest.fixture
async def buyer(front: Front) -> Buyer:
    return await at_candidates(front.world)


async def at_candidates(world: World) -> Buyer:
    buyer = Buyer(world)
    await buyer.open()
    await buyer.go_on(title="Mugs again", quantity="100")
    return buyer


def variants(count: int, *, total: int) -> bytes:
    """Give a page of a shop's answer."""
    nodes = [
        {"node": {"id": str(number), "sku": f"A{number}", "name": "", "product": {"name": "A"}}}
        for number in range(count)
    ]
    page = {"edges": nodes, "pageInfo": {"hasNextPage": count < total, "endCursor": "x"}, "totalCount": total}
    return json.dumps({"data": {"productVariants": page}}).encode()


def field(buyer: Buyer, key: str) -> FieldView:
    return next(item for item in buyer.view.fields if item.key == key)


def said(buyer: Buyer, key: str) -> str:
    return str(field(buyer, key).answer["says"])


async def test_the_platform_reads_what_the_shop_keeps_stock_of(front: Front) -> None:
    actor = await front.world.actor(ADMIN)
    page = await systems.list_variants(actor, ListVariants(limit=20, search="board", channel="default-channel"))
    assert page.total == 3
    large, small, sample = page.items
    assert (large.sku, large.name, large.category) == ("BOARD-L", "Bread board, Large", "Boards")
    assert large.description == "Oak, oiled & sanded."
    assert (large.weight_kg, large.cost, large.currency) == (Decimal("0.9072"), Decimal("7.5"), "EUR")
    assert (small.cost, small.currency, sample.sku) == (None, None, None)
    other = await systems.list_variants(actor, ListVariants(limit=20, search="board", channel="second-channel"))
    assert [item.cost for item in other.items] == [None, None, None]
    assert (await systems.list_variants(actor, ListVariants(limit=1))).items[0].name == "Mug 1"


async def test_candidates_of_the_shop_are_priced_and_published(buyer: Buyer) -> None:
    await buyer.go_on(**PAGES, shop_search="board")
    assert buyer.view.problems == {"shop_read": "Read the shop first", "shop_imported": "Import the products first"}
    await buyer.press("shop_read")
    assert said(buyer, "shop_read") == "3 products read; of 1 it keeps no cost"
    shown = await buyer.preview("shop_diff")
    assert shown.facts == [("New", "1"), ("Changed", "0"), ("Unchanged", "0"), ("Refused", "2")]
    assert {line[1]: line[3] for line in shown.rows} == {
        "BOARD-S": "currency: Must not be empty; unit_price: Must not be empty",
        "": "sku: Must not be empty",
        "BOARD-L": "New",
    }
    assert await buyer.rows(Product) == []
    await buyer.press("shop_imported")
    await buyer.go_on()
    ids = buyer.ids()
    assert list(ids) == ["BOARD-L"]
    await buyer.go_on(products=list(ids.values()))
    await buyer.go_on(tiers=[{"begins": "0", "markup": "100"}], floor_amount="1.50")
    shown = await buyer.preview("publication")
    assert shown.rows == [["BOARD-L", "Porcel Ltd", "€7.50", "€9.00", "€15.99", "53.1%"]]
    assert (await buyer.complete()).status == "completed"
    (batch,) = await buyer.rows(ImportBatch)
    assert (batch.file_name, batch.rows_new, batch.rows_refused) == ("Connected shop, default-channel.csv", 1, 2)
    assert await buyer.rows(WizardFile) == []


async def test_every_page_of_the_shop_is_read(buyer: Buyer) -> None:
    await buyer.go_on(**PAGES)
    await buyer.press("shop_read")
    assert said(buyer, "shop_read") == "153 products read; of 1 it keeps no cost"
    await buyer.press("shop_imported")
    assert len(await buyer.rows(Product)) == 151


async def test_a_shop_with_too_many_products_is_not_read_in_part(world: World) -> None:
    large = saying(answer(variants(100, total=4213)))
    async with raw_upstream(large) as upstream, gateway(world, ecommerce_url=upstream.url):
        buyer = await at_candidates(world)
        await buyer.go_on(**PAGES)
        await buyer.press("shop_read")
    says = "The shop has 4,213 such products, and 1,000 are read at most: look for fewer"
    assert (said(buyer, "shop_read"), len(upstream.seen)) == (says, 1)
    assert await buyer.rows(WizardFile) == []


async def test_another_search_takes_the_reading_and_the_import_back(buyer: Buyer) -> None:
    await buyer.go_on(**PAGES, shop_search="board")
    await buyer.press("shop_read")
    await buyer.press("shop_imported")
    await buyer.go_on(shop_search="MUG-7")
    assert buyer.view.problems == {"shop_read": "Read the shop first", "shop_imported": "Import the products first"}
    await buyer.press("shop_read")
    assert len(await buyer.rows(WizardFile)) == 1
    assert [line[1] for line in (await buyer.preview("shop_diff")).rows] == ["MUG-7"]


async def test_what_else_an_offer_says_stays_when_the_shop_is_read(buyer: Buyer) -> None:
    await buyer.go_on(**PAGES, shop_search="BOARD-L")
    await buyer.press("shop_read")
    await buyer.press("shop_imported")
    header = b"sku,supplier,freight,duty_rate,unit_price\n"
    await buyer.go_on(source="file")
    await buyer.upload(header + b"BOARD-L,Porcel Ltd,0.4,3,9\n")
    await buyer.press("imported")
    (offer,) = await buyer.rows(SupplierOffer)
    assert (offer.unit_price, offer.freight, offer.duty_rate) == (Decimal("9"), Decimal("0.4"), Decimal("3"))
    await buyer.go_on(source="shop")
    await buyer.press("shop_read")
    await buyer.press("shop_imported")
    (offer,) = await buyer.rows(SupplierOffer)
    assert (offer.unit_price, offer.freight, offer.duty_rate) == (Decimal("7.5"), Decimal("0.4"), Decimal("3"))


async def test_what_the_shop_keeps_of_no_product_stays_as_it_is(buyer: Buyer) -> None:
    """It knows no weight, no category and no text of a mug."""
    await buyer.go_on(source="file")
    await buyer.upload(
        b"sku,supplier,name,currency,unit_price,weight_kg,category\nMUG-7,Porcel Ltd,Mug,EUR,9,0.4,Mugs\n"
    )
    await buyer.press("imported")
    await buyer.go_on(**PAGES, shop_search="MUG-7")
    await buyer.press("shop_read")
    await buyer.press("shop_imported")
    (product,) = await buyer.rows(Product)
    assert (product.name, product.weight_kg, product.category) == ("Mug 7", Decimal("0.4"), "Mugs")


async def test_a_button_that_is_not_shown_does_nothing(buyer: Buyer) -> None:
    """Another tab has chosen another source meanwhile."""
    await buyer.go_on(**PAGES)
    await buyer.go_on(source="stock")
    with pytest.raises(NotFound):
        await buyer.press("shop_read")


async def test_a_search_that_is_too_long_is_told_and_not_left_out(buyer: Buyer) -> None:
    await buyer.go_on(**PAGES, shop_search="m" * 101)
    with pytest.raises(InputInvalid) as caught:
        await buyer.press("shop_read")
    assert list(caught.value.fields) == ["shop_search"]


async def test_the_file_of_the_last_reading_is_imported(buyer: Buyer) -> None:
    """Two presses at once: the answer may name the one file while the draft keeps the other."""
    await buyer.go_on(**PAGES, shop_search="board")
    other = Buyer(buyer.world)
    other.view = buyer.view
    await asyncio.gather(buyer.press("shop_read"), other.press("shop_read"))
    await buyer.press("shop_imported")
    assert len(await buyer.rows(Product)) == 1


async def test_supplier_and_channel_come_first(buyer: Buyer) -> None:
    await buyer.go_on(source="shop", shop_channel="Second channel!")
    with pytest.raises(InputInvalid) as caught:
        await buyer.press("shop_read")
    assert caught.value.fields == {
        "shop_supplier": "Say who you buy them from",
        "shop_channel": "Use its slug, such as default-channel",
    }


async def test_a_search_that_finds_nothing_says_so(buyer: Buyer) -> None:
    await buyer.go_on(**PAGES, shop_search="samovar")
    await buyer.press("shop_read")
    assert said(buyer, "shop_read") == "The shop has no such products"
    await buyer.go_on()
    assert buyer.view.problems["shop_read"] == "Read the shop again: The shop has no such products"


async def test_without_the_token_the_shop_tells_no_costs(world: World, shop_url: str) -> None:
    async with gateway(world, ecommerce_url=shop_url):
        buyer = await at_candidates(world)
        await buyer.go_on(**PAGES, shop_search="board")
        await buyer.press("shop_read")
        assert said(buyer, "shop_read").startswith("The connected system refuses this request (GraphQL, ")


async def test_without_a_shop_the_button_says_so(world: World) -> None:
    async with gateway(world, ecommerce_url=None):
        buyer = await at_candidates(world)
        await buyer.go_on(**PAGES)
        await buyer.press("shop_read")
        assert said(buyer, "shop_read") == "No shop is connected yet: the operator sets ECOMMERCE_URL"


async def test_a_draft_that_is_closed_while_the_shop_is_read_keeps_no_file(world: World) -> None:
    buyer: Buyer

    async def discard_first(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await wizards.discard(await buyer.actor(), DraftId(draft_id=buyer.view.draft_id))
        writer.write(answer(variants(1, total=1)))

    async with raw_upstream(discard_first) as upstream, gateway(world, ecommerce_url=upstream.url):
        buyer = await at_candidates(world)
        await buyer.go_on(**PAGES)
        asked = DraftField(draft_id=buyer.view.draft_id, field="shop_read")
        with pytest.raises(DraftClosed):
            await wizards.act(await buyer.actor(), asked)
    assert await buyer.rows(WizardFile) == []
