"""The product sourcing wizard: from a file to products in the catalogue, with what is wrong said beside its field."""

from __future__ import annotations

import asyncio

import pytest

from bizosaas_app.gateway import job_runner, wizards
from bizosaas_app.gateway.contracts.wizards import DraftId
from bizosaas_app.kernel.errors import InputInvalid, NotPermitted
from models import CatalogueItem, GamificationEvent, Publication, Sourcing
from tests.support.buyer import ROWS, Buyer
from tests.support.sourcing import MIA, Desk, csv_of
from tests.support.world import World


@pytest.fixture
def buyer(world: World) -> Buyer:
    return Buyer(world)


async def test_a_file_becomes_products_in_the_catalogue(buyer: Buyer) -> None:
    ids = await buyer.fill()
    assert buyer.view.step == "review", buyer.view.problems
    shown = await buyer.preview("publication")
    assert ("Products", "2") in shown.facts
    assert shown.rows == [
        ["BOWL", "Porcel Ltd", "€0.40", "€1.90", "€1.99", "79.9%"],
        ["MUG-1", "Porcel Ltd", "€4.00", "€5.50", "€8.99", "55.5%"],
    ]
    view = await buyer.complete()
    assert (view.status, view.finish and view.finish.title) == ("completed", "Mugs for spring is on its way")
    await job_runner.run_waiting(buyer.world.resources)
    assert {str(item.product_id) for item in await buyer.rows(CatalogueItem)} == set(ids.values())
    types = [event.type for event in await buyer.rows(GamificationEvent)]
    assert sorted(types) == ["product.published", "product.published", "sourcing.completed", "wizard.completed"]


async def test_completing_twice_gives_one_result(buyer: Buyer) -> None:
    await buyer.fill()
    other = Buyer(buyer.world)
    other.view = buyer.view
    first, second = await asyncio.gather(buyer.complete(), other.complete())
    assert first.finish == second.finish
    await buyer.complete()
    assert len(await buyer.rows(Sourcing)) == 1
    assert len(await buyer.rows(Publication)) == 2


async def test_the_file_shows_what_it_would_change_before_it_does(buyer: Buyer) -> None:
    await buyer.open()
    await buyer.go_on(title="Mugs", quantity="100")
    assert (await buyer.go_on()).problems == {
        "file": "Choose the CSV file",
        "imported": "Import the file first",
    }
    await buyer.upload(csv_of(ROWS))
    shown = await buyer.preview("diff")
    assert shown.facts == [("New", "3"), ("Changed", "0"), ("Unchanged", "0"), ("Refused", "1")]
    assert shown.rows[0] == ["5", "CUP", "Porcel Ltd", "unit_price: Must be a number such as 12.50"]
    desk = await Desk.of(buyer.world)
    assert (await desk.preview(*ROWS))["new"] == 3
    assert (await buyer.press_import()).problems == {}
    assert (await desk.preview(*ROWS))["unchanged"] == 3


async def test_a_file_that_cannot_be_read_says_why_and_holds_the_step(buyer: Buyer) -> None:
    await buyer.open()
    await buyer.go_on(title="Mugs", quantity="100")
    await buyer.upload(b"sku,suplier\nA,B\n")
    shown = await buyer.preview("diff")
    assert (shown.tone, "suplier: Column 2 is unknown; did you mean supplier?" in shown.note) == ("bad", True)
    await buyer.press_import()
    view = await buyer.go_on()
    assert view.step == "candidates"
    assert view.problems["imported"].startswith("Import the file again: suplier: Column 2 is unknown")
    await buyer.upload(csv_of(ROWS))
    assert (await buyer.go_on()).problems == {"imported": "Import the file first"}


async def test_offers_in_another_currency_need_its_rate(buyer: Buyer) -> None:
    ids = await buyer.come_to_evaluation()
    view = await buyer.go_on(products=[ids["MUG-1"]])
    assert view.problems == {"rates": "Say what 1 USD costs in EUR"}
    assert (await buyer.preview("evaluation")).note == "Say what 1 USD costs in EUR"
    twice = [{"currency": "USD", "rate": "0.9"}, {"currency": "USD", "rate": "1"}]
    assert (await buyer.go_on(rates=twice)).problems == {"rates.1.currency": "This currency is listed twice"}
    assert (await buyer.go_on(rates=twice[:1])).step == "pricing"
    shown = await buyer.preview("evaluation")
    assert [line[:4] for line in shown.rows] == [["MUG-1", "Porcel Ltd", "€4.00", "94.3"]]


async def test_no_price_below_the_floor_is_published(buyer: Buyer) -> None:
    ids = await buyer.come_to_evaluation()
    await buyer.go_on(products=[ids["MUG-1"], ids["BOWL"]], rates=[{"currency": "USD", "rate": "0.9"}])
    cheap = [{"product": ids["MUG-1"], "price": "5.49", "title": "White mug", "keywords": "mug, white,, mug"}]
    await buyer.go_on(tiers=[{"begins": "0", "markup": "0"}], floor_amount="1.50", listings=cheap)
    shown = await buyer.preview("publication")
    assert (shown.tone, shown.note) == ("bad", "Must be at least 5.5: it lands at 4")
    with pytest.raises(InputInvalid) as caught:
        await buyer.complete()
    assert caught.value.fields == {"listings.0.price": "Must be at least 5.5: it lands at 4"}
    assert await buyer.rows(Sourcing) == []
    view = await wizards.read_draft(await buyer.actor(), DraftId(draft_id=buyer.view.draft_id))
    assert view.status == "open"


async def test_tiers_and_texts_are_judged_beside_their_fields(buyer: Buyer) -> None:
    ids = await buyer.come_to_evaluation()
    await buyer.go_on(products=[ids["MUG-1"]], rates=[{"currency": "USD", "rate": "0.9"}])
    no_start = [{"begins": "5", "markup": "50"}]
    view = await buyer.go_on(tiers=no_start)
    assert view.problems == {"tiers": "One tier must begin at 0, so that everything has a price"}
    twice = [{"begins": "0", "markup": "50"}, {"begins": "0.00", "markup": "60"}]
    assert (await buyer.go_on(tiers=twice)).problems == {"tiers.1.begins": "This cost is listed twice"}
    texts = [{"product": ids["BOWL"], "title": "Bowl"}, {"product": ids["MUG-1"]}, {"product": ids["MUG-1"]}]
    assert (await buyer.go_on(tiers=twice[:1], listings=texts)).problems == {
        "listings.0.product": "Choose this product in the previous step first",
        "listings.2.product": "This product is listed twice",
    }
    backwards = [{"begins": "10", "markup": "20"}, {"begins": "0", "markup": "100"}]
    assert (await buyer.go_on(tiers=backwards, listings=texts[1:2])).step == "review"


async def test_a_completion_that_is_cut_off_publishes_once_afterwards(buyer: Buyer) -> None:
    """The job runs twice, as after a crash between its work and its end."""
    await buyer.fill()
    await buyer.complete()
    for _ in range(2):
        await job_runner.run_waiting(buyer.world.resources)
    assert {row.attempts for row in await buyer.rows(Publication)} == {1}
    assert len(await buyer.rows(CatalogueItem)) == 2


async def test_only_who_manages_products_may_open_it(world: World) -> None:
    with pytest.raises(NotPermitted):
        await Buyer(world, MIA).open()


async def test_a_preview_without_its_file_says_so_in_its_place(world: World) -> None:
    buyer = Buyer(world)
    await buyer.open()
    shown = await buyer.preview("diff")
    assert (shown.note, shown.tone) == ("Choose a file first, or read the shop", "bad")
