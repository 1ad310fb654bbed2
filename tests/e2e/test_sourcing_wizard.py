"""Product sourcing in a browser, by keyboard alone: from a supplier's file to products in the catalogue, once."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, enter
from tests.e2e.steps import Seen, leave_and_come_back, look_over
from tests.e2e.test_pages import Complaints
from tests.support.keyboard import Keys, fault, field, heading
from tests.support.results import api_of, await_that, events, read
from tests.support.servers import Server
from tests.support.sourcing import csv_of, row

SIZES = {"phone": (360, "admin@initech.demo", "INR", "₹"), "desktop": (1440, "admin@globex.demo", "USD", "$")}
"""Each width with an organisation of its own, and what that pays with: a draft belongs to one person."""
PATH = "/wizards/sourcing"
LEFT = Seen("Candidates", told={"file": "offers.csv", "imported": "1 refused"})
"""The step that is left in the middle."""
ROWS = [
    row(),
    row(supplier="Clayworks", unit_price="6.00"),
    row(sku="BOWL", name="Bowl", unit_price="0.40"),
    row(sku="CUP", unit_price="dear"),
]
"""Two products, one of them from two suppliers, and a row whose price is none; all in euros."""


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
@pytest.mark.parametrize("size", SIZES)
async def test_sourcing_by_keyboard_from_a_file_to_products_in_the_catalogue(
    page: Page, open_context: OpenContext, site: Server, size: str, tmp_path: Path
) -> None:
    width, email, currency, sign = SIZES[size]
    complaints = Complaints()
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email)
    complaints.watch(page)
    await page.goto(PATH)
    keys = Keys(page)
    await say_what_is_sought(page, keys)
    await bring_the_file(page, keys, tmp_path)
    await leave_and_come_back(page, await (await open_context()).new_page(), email, LEFT)
    await compare_the_offers(page, keys, currency, sign)
    await find_the_prices(page, keys, sign)
    with api_of(site, email) as api:
        await look_back(page, keys)
        assert read(api, "/sourcing/completed")["total"] == 0, "a preview writes nothing"
        await keys.press("Publish products", times=2)
        await expect(heading(page, "Mugs for spring is on its way")).to_be_focused()
        await look_over(page, "sourcing", "end")
        see_what_came_of_it(site, api, email, currency)
    assert complaints == []


async def say_what_is_sought(page: Page, keys: Keys) -> None:
    await expect(heading(page, "Brief")).to_be_visible()
    await keys.write("Units of each product", "0.5")
    await keys.press("Continue")
    await expect(page.get_by_text("2 fields need a correction.")).to_be_visible()
    await expect(fault(page, "title")).to_have_text("Enter the name of this sourcing.")
    await expect(fault(page, "quantity")).to_have_text("Use a whole number.")
    await expect(page.get_by_label("Name of this sourcing")).to_be_focused()
    await keys.write("Name of this sourcing", "Mugs for spring")
    await keys.write("Units of each product", "100")
    await look_over(page, "sourcing", "brief")
    await keys.press("Continue")
    await expect(heading(page, "Candidates")).to_be_focused()


async def bring_the_file(page: Page, keys: Keys, folder: Path) -> None:
    """The row with a fault is told before anything is written, and left out of the import."""
    await keys.press("Continue")
    await expect(fault(page, "file")).to_have_text("Choose the CSV file.")
    await expect(fault(page, "imported")).to_have_text("Import the file first.")
    await expect(page.get_by_label("CSV file", exact=True)).to_be_focused()
    file = folder / "offers.csv"
    file.write_bytes(csv_of(ROWS))
    await keys.upload("CSV file", file)
    changes = page.get_by_role("region", name="What the file would change")
    await expect(changes.get_by_role("row")).to_have_count(5)
    await expect(changes.get_by_role("row").nth(1)).to_contain_text(re.compile(r"^5\s*CUP.*unit_price: "))
    await expect(page.get_by_text("1 row would be left out.")).to_be_visible()
    await keys.press("Import the file")
    await expect(field(page, "imported")).to_contain_text("3 new, 0 changed, 0 unchanged, 1 refused")
    await look_over(page, "sourcing", "candidates")


async def compare_the_offers(page: Page, keys: Keys, currency: str, sign: str) -> None:
    await keys.press("Continue")
    await expect(heading(page, "Evaluation")).to_be_focused()
    await keys.press("Continue")
    await expect(fault(page, "products")).to_have_text("Choose at least one product.")
    await expect(field(page, "products")).to_be_focused()
    for product in ("BOWL, Bowl", "MUG-1, Mug, white"):
        await keys.tick(product)
        await expect(page.get_by_role("checkbox", name=product)).to_be_checked()
    await keys.press("Continue")
    await expect(fault(page, "rates")).to_have_text(f"Say what 1 EUR costs in {currency}.")
    await expect(field(page, "rates")).to_be_focused()
    await keys.press("Add a row to Exchange rates")
    await keys.pick("Currency", "EUR")
    await keys.write("What one unit costs", "2")
    await keys.to("Continue", "button")
    offers = page.get_by_role("region", name="Offers, the best of each product")
    await expect(line_of(offers, "MUG-1")).to_contain_text(re.compile(rf"Porcel Ltd\s*{re.escape(sign)}8.00"))
    await look_over(page, "sourcing", "evaluation")
    await keys.press("Continue")
    await expect(heading(page, "Prices and texts")).to_be_focused()


def line_of(table: Locator, product: str) -> Locator:
    return table.get_by_role("row", name=re.compile(f"^{product} "))


async def find_the_prices(page: Page, keys: Keys, sign: str) -> None:
    """A price below what must be earned is told; the rule's own keeps to it."""
    await expect(page.get_by_label("On top, in percent")).to_have_accessible_description("%")
    await keys.write("From a cost of", "5")
    await keys.press("Continue")
    await expect(fault(page, "tiers")).to_have_text("One tier must begin at 0, so that everything has a price.")
    await expect(field(page, "tiers")).to_be_focused()
    await keys.write("From a cost of", "0")
    await keys.write("Earn at least (optional)", "3")
    await keys.press("Add a row to Your own texts and prices")
    await keys.pick("Product", "MUG")
    await keys.write("Title (optional)", "Spring mug")
    await keys.write("Price (optional)", "10.99")
    await keys.to("Continue", "button")
    shown = page.locator(".bz-wz-preview")
    await expect(shown).to_contain_text("These prices cannot be")
    await keys.write("Price (optional)", "20")
    await keys.to("Continue", "button")
    prices = page.get_by_role("region", name="Prices", exact=True)
    told = {"BOWL": ("0.80", "3.80", "3.99", "79.9%"), "MUG-1": ("8.00", "11.00", "20.00", "60%")}
    for product, (cost, least, price, margin) in told.items():
        amounts = r"\s*".join(re.escape(sign + amount) for amount in (cost, least, price))
        await expect(line_of(prices, product)).to_contain_text(re.compile(rf"{amounts}\s*{margin}"))
    await look_over(page, "sourcing", "pricing")
    await keys.press("Continue")
    await expect(heading(page, "Review and publish")).to_be_focused()


async def look_back(page: Page, keys: Keys) -> None:
    """What publishing would do is shown; then from the last step to the first and forwards again, without loss."""
    await expect(page.locator(".bz-wz-preview")).to_contain_text("our own catalogue: no shop is connected")
    await expect(page.locator(".bz-review")).to_contain_text(re.compile(r"Exchange rates\s*1 rate.*Tiers\s*1 tier"))
    await look_over(page, "sourcing", "review")
    for title in ("Prices and texts", "Evaluation", "Candidates", "Brief"):
        await keys.press("Back")
        await expect(heading(page, title)).to_be_focused()
    await expect(page.get_by_label("Units of each product")).to_have_value("100")
    for title in ("Candidates", "Evaluation", "Prices and texts"):
        await keys.press("Continue")
        await expect(heading(page, title)).to_be_focused()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("Spring mug")
    await keys.press(re.compile("^Review and publish"))
    await expect(heading(page, "Review and publish")).to_be_focused()


def see_what_came_of_it(site: Server, api: httpx.Client, email: str, currency: str) -> None:
    """Each product stands in the catalogue once, its offers beside it, and the ledger knows of both."""
    (done,) = read(api, "/sourcing/completed")["items"]
    await_that(lambda: read(api, f"/sourcing/completed/{done['id']}")["done"] == 2)
    listed = {item["sku"]: (item["title"], item["price"]) for item in read(api, "/sourcing/catalogue")["items"]}
    prices = {sku: (title, Decimal(price["amount"]), price["currency"]) for sku, (title, price) in listed.items()}
    assert prices == {
        "BOWL": ("Bowl", Decimal("3.99"), currency),
        "MUG-1": ("Spring mug", Decimal(20), currency),
    }
    assert [item["attempts"] for item in read(api, "/sourcing/publications")["items"]] == [1, 1]
    assert {item["sku"] for item in read(api, "/sourcing/products")["items"]} == {"BOWL", "MUG-1"}
    offers = {(item["sku"], item["supplier"]) for item in read(api, "/sourcing/offers")["items"]}
    assert offers == {("BOWL", "Porcel Ltd"), ("MUG-1", "Clayworks"), ("MUG-1", "Porcel Ltd")}
    assert events(site, email, "product.published") == 2
    assert events(site, email, "sourcing.completed", sourcing_id=done["id"]) == 1
    assert events(site, email, "wizard.completed", wizard="sourcing") == 1
    again = api.post(f"/wizards/drafts/{done['draft_id']}/complete").raise_for_status().json()
    assert again["finish"]["subject"] == f"sourcing:{done['id']}"
    assert read(api, "/sourcing/completed")["total"] == 1
