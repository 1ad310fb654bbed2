"""Products, offers and imports as the page draws them: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.assortment import AssortmentLine
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.sourcing import OfferView
from bizosaas_app.gateway.contracts.sourcing_imports import ImportView
from models.publications import STATES
from state import product_words

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
PRODUCT: Final = {
    "id": uuid4(),
    "sku": "MUG-1",
    "name": "Mug",
    "description": "",
    "category": "Kitchen",
    "weight_kg": None,
    "created_at": NOW,
    "updated_at": NOW,
}


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def line(state: str | None = None, **fields: Any) -> AssortmentLine:
    """A product, published in this state."""
    publication = {
        "id": uuid4(),
        "sourcing_id": uuid4(),
        "product_id": PRODUCT["id"],
        "sku": "MUG-1",
        "supplier": "Porcel Ltd",
        "title": "Mug",
        "description": "",
        "keywords": [],
        "price": euro("9"),
        "landed_cost": euro("4.1"),
        "floor_price": euro("5.5"),
        "margin_percent": "54.4",
        "state": state,
        "destination": "shop",
        "attempts": 1,
        "next_at": None,
        "failure": None,
        "external_id": None,
        "created_at": NOW,
        "published_at": NOW if state == "done" else None,
        **fields,
    }
    latest = publication if state else None
    return AssortmentLine.model_validate({"product": PRODUCT, "offers": 2, "latest": latest})


def test_a_published_product_has_its_money_its_margin_and_where_it_is_sold() -> None:
    row = product_words.product_row(line("done"))
    assert (row["price"], row["cost"], row["margin"]) == ("€9.00", "€4.10", "54.4%")
    assert (row["state_label"], row["where"], row["can_retry"]) == ("Published", "in the shop", False)
    assert row["detail"] == "Kitchen, 2 offers"


def test_a_product_that_nobody_published_has_no_money() -> None:
    row = product_words.product_row(line())
    assert (row["price"], row["cost"], row["margin"], row["at"]) == ("", "", "", "")
    assert (row["state_label"], row["can_retry"]) == ("Not published", False)


def test_a_failed_product_says_why_and_can_be_tried_again() -> None:
    row = product_words.product_row(line("failed", failure="The shop refused the price"))
    assert (row["state_label"], row["reason"], row["can_retry"]) == ("Failed", "The shop refused the price.", True)
    assert row["next_at"] == ""


def test_a_product_that_waits_for_its_next_try_says_when() -> None:
    row = product_words.product_row(line("pending", failure="The shop did not answer", next_at=NOW))
    assert (row["reason"], row["next_at"]) == ("The shop did not answer.", NOW.isoformat())
    assert not row["can_retry"]


def test_every_state_has_its_words() -> None:
    assert set(product_words.STATES) == {*STATES, "unpublished"}


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("4", "EUR", "€4.00"),
        ("4.5", "EUR", "€4.50"),
        ("0.0125", "EUR", "€0.0125"),
        ("1200", "EUR", "€1,200.00"),
        ("300", "JPY", "¥300"),
        ("100", "EUR", "€100.00"),
    ],
)
def test_a_unit_price_is_never_rounded_and_never_shorter_than_its_currency(
    amount: str, currency: str, said: str
) -> None:
    assert product_words.exactly(MoneyView(amount=amount, currency=currency)) == said


def test_an_offer_says_what_comes_on_top_and_how_the_supplier_has_done() -> None:
    known = {
        "id": uuid4(),
        "product_id": PRODUCT["id"],
        "sku": "MUG-1",
        "supplier": "Porcel Ltd",
        "unit_price": euro("4"),
        "price_breaks": [{"from": 100, "unit_price": "3.5"}],
        "freight": euro("0.3"),
        "order_fees": euro("0"),
        "duty_rate": "12",
        "minimum_order": 50,
        "lead_time_days": 1,
        "defect_rate": None,
        "on_time_rate": "97.5",
        "updated_at": NOW,
    }
    row = product_words.offer_row(OfferView.model_validate(known))
    assert (row["unit_price"], row["breaks"], row["extras"]) == ("€4.00", "from 100: €3.50", "€0.30 freight")
    assert (row["duty"], row["lead_time"], row["record"]) == ("12%", "1 day", "97.5% in time")


def test_an_import_that_was_taken_back_names_what_it_kept() -> None:
    known = {
        "id": uuid4(),
        "file_name": "spring.csv",
        "status": "undone",
        "new": 2,
        "changed": 0,
        "unchanged": 1,
        "refused": 3,
        "kept": [{"row": 2, "label": "MUG-1", "reason": "Changed since the import"}],
        "applied_by": None,
        "applied_at": NOW,
        "undone_at": NOW,
    }
    row = product_words.import_row(ImportView.model_validate(known))
    assert (row["rows"], row["refused"], row["can_undo"]) == ("2 new, 1 unchanged", "3", False)
    assert (row["kept_note"], row["kept"][0]["reason"]) == ("1 entry kept", "Changed since the import")
    applied = product_words.import_row(ImportView.model_validate({**known, "status": "applied", "kept": []}))
    assert (applied["can_undo"], applied["kept_note"]) == (True, "")
