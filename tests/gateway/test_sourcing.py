"""Product sourcing over HTTP: a file comes in, its products are judged, priced and published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from bizosaas_app.gateway import job_runner
from models import AuditEntry, GamificationEvent
from tests.support.sourcing import ADMIN, FOREIGN_ADMIN, MIA, Buyer, csv_of, row
from tests.support.world import World

RULE: dict[str, Any] = {"tiers": [{"from": 0, "markup": 100}], "floor_amount": "1.50", "ending": "0.99"}


@pytest.fixture
async def buyer(world: World) -> Buyer:
    return await Buyer.of(world)


async def wish(buyer: Buyer, **fields: Any) -> dict[str, Any]:
    """What a finished draft asks for: every product there is."""
    products = (await buyer.get("/products")).json()["items"]
    listings = [{"product_id": item["id"]} for item in products]
    return {"draft_id": str(uuid4()), "title": "Spring", "quantity": 100, "rule": RULE, "listings": listings, **fields}


async def publish(buyer: Buyer, world: World, **fields: Any) -> dict[str, Any]:
    answer = await buyer.post("/publish", await wish(buyer, **fields))
    assert answer.status_code == 202, answer.text
    await job_runner.run_waiting(world.resources)
    view: dict[str, Any] = (await buyer.get(f"/completed/{answer.json()['id']}")).json()
    return view


def fields_of(document: Mapping[str, Any]) -> dict[str, str]:
    return {item["field"]: item["message"] for item in document["errors"]}


async def test_a_file_becomes_products_in_the_catalogue(world: World, buyer: Buyer) -> None:
    answer = await buyer.send("/imports?file_name=spring.csv", csv_of([row(), row(sku="MUG-2", name="Mug, blue")]))
    assert answer.status_code == 201, answer.text
    batch = answer.json()["batch"]
    assert (batch["file_name"], batch["new"], batch["refused"]) == ("spring.csv", 2, 0)
    view = await publish(buyer, world)
    assert (view["done"], view["pending"], view["failed"]) == (2, 0, 0)
    items = (await buyer.get("/catalogue")).json()["items"]
    assert [(item["sku"], item["title"], item["price"]) for item in items] == [
        ("MUG-1", "Mug, white", {"amount": "8.99", "currency": "EUR"}),
        ("MUG-2", "Mug, blue", {"amount": "8.99", "currency": "EUR"}),
    ]
    (publication, _) = (await buyer.get("/publications?sort=sku")).json()["items"]
    assert (publication["state"], publication["destination"], publication["attempts"]) == ("done", "catalogue", 1)
    assert (publication["landed_cost"]["amount"], publication["floor_price"]["amount"]) == ("4", "5.5")
    assert publication["margin_percent"] == "55.5"


async def test_a_draft_is_published_once_however_often_it_is_sent(world: World, buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row(), row(sku="MUG-2")]))
    wanted = await wish(buyer)
    first, second = [(await buyer.post("/publish", wanted)).json() for _ in range(2)]
    assert first == second
    await job_runner.run_waiting(world.resources)
    await buyer.post("/publish", wanted)
    await job_runner.run_waiting(world.resources)
    assert (await buyer.get("/publications")).json()["total"] == 2
    async with world.resources.database.unit_of_work(world.system()) as session:
        events = list((await session.exec(select(GamificationEvent).order_by(GamificationEvent.type))).all())
        acts = [entry.action for entry in (await session.exec(select(AuditEntry))).all()]
    told = [(item.type, item.user_id) for item in events if item.type.startswith(("sourcing", "product"))]
    admin = world.people[ADMIN]
    assert told == [("product.published", admin), ("product.published", admin), ("sourcing.completed", admin)]
    assert acts.count("sourcing.launched") == 1


async def test_a_preview_shows_each_row_and_writes_nothing(buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row(), row(sku="MUG-2")]))
    file = csv_of([row(unit_price="4.25"), row(sku="MUG-2"), row(sku="MUG-3"), row(sku="", unit_price="1,50")])
    view = (await buyer.send("/imports/preview", file)).json()
    assert [view[verdict] for verdict in ("new", "changed", "unchanged", "refused")] == [1, 1, 1, 1]
    assert [item["verdict"] for item in view["rows"]] == ["changed", "unchanged", "new", "refused"]
    assert view["rows"][0]["changes"] == [{"column": "unit_price", "old": "4", "new": "4.25"}]
    assert view["rows"][3]["faults"] == [
        {"row": 5, "column": "sku", "message": "Must not be empty"},
        {"row": 5, "column": "unit_price", "message": "Must be a number such as 12.50; write 1.50"},
    ]
    few = (await buyer.send("/imports/preview?verdict=refused&limit=0", file)).json()
    assert (few["rows"], few["is_cut"], few["new"]) == ([], True, 1)
    assert (await buyer.get("/products")).json()["total"] == 2


async def test_an_import_is_taken_back(buyer: Buyer) -> None:
    first = (await buyer.send("/imports", csv_of([row(), row(sku="MUG-2")]))).json()["batch"]
    await buyer.send("/imports", csv_of([row(sku="MUG-2", unit_price="5")]))
    answer = (await buyer.post(f"/imports/{first['id']}/undo")).json()
    assert answer["restored"] == 2
    assert {(item["label"], item["reason"]) for item in answer["batch"]["kept"]} == {
        ("MUG-2", "Its product has other offers"),
        ("MUG-2, Porcel Ltd", "Changed since the import"),
    }
    assert [item["sku"] for item in (await buyer.get("/products")).json()["items"]] == ["MUG-2"]
    again = await buyer.post(f"/imports/{first['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "import_already_undone")
    listed = (await buyer.get("/imports")).json()["items"]
    assert [item["status"] for item in listed] == ["applied", "undone"]
    assert (await buyer.get(f"/imports/{first['id']}")).json() == answer["batch"]


async def test_what_is_published_is_kept_when_its_import_is_taken_back(world: World, buyer: Buyer) -> None:
    batch = (await buyer.send("/imports", csv_of([row()]))).json()["batch"]
    await publish(buyer, world)
    answer = (await buyer.post(f"/imports/{batch['id']}/undo")).json()
    assert (answer["restored"], {item["reason"] for item in answer["batch"]["kept"]}) == (
        0,
        {"Its product has been published since"},
    )


async def test_an_export_that_is_imported_again_changes_nothing(buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row(name="=1+1", price_breaks="10:3; 20:2.5"), row(sku="MUG-2")]))
    answer = await buyer.get("/export.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "'=1+1" in answer.text
    diff = (await buyer.send("/imports/preview", answer.content)).json()
    assert [diff[verdict] for verdict in ("new", "changed", "unchanged", "refused")] == [0, 0, 2, 0]


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        (b"sku,suplier\nA,B", "header.suplier", "Column 2 is unknown; did you mean supplier?"),
        (b"sku,suplier\nA,B", "header.supplier", "This column is missing"),
        (b"sku,supplier,SKU\nA,B,C", "header.sku", "Column 3 has the name of column 1"),
        (b"sku,supplier,\nA,B,C", "header.3", "Column 3 has no name"),
        (b"", "file", "The file is empty"),
        (b"  \n", "file", "The file is empty"),
        (b"sku,supplier\nA,\xff", "file", "Must be UTF-8 text; line 2 is not. Save it as CSV UTF-8"),
        (b"sku,supplier\nA,\x00", "file", "Must be a CSV file; this holds binary data"),
        (b'sku,supplier\n"A"x,B', "file", "Line 2 is not CSV: ',' expected after '\"'"),
        (b"sku,supplier" + b"\nA,B" * 20_001, "file", "Must be at most 20,000 rows; this has 20,001"),
    ],
)
async def test_a_file_that_cannot_be_read_says_where(buyer: Buyer, content: bytes, field: str, message: str) -> None:
    answer = await buyer.send("/imports", content)
    assert answer.status_code == 422, answer.text
    assert fields_of(answer.json())[field] == message


async def test_a_file_may_be_larger_than_other_bodies_but_not_without_bound(buyer: Buyer) -> None:
    rows = [row(sku=f"MUG-{number}", description="x" * 3000) for number in range(400)]
    assert (await buyer.send("/imports/preview", csv_of(rows))).json()["new"] == 400
    assert (await buyer.send("/imports/preview", b"x" * (16 * 1024 * 1024))).status_code == 422
    assert (await buyer.send("/imports/preview", b"x" * (20 * 1024 * 1024 + 1))).status_code == 413


async def test_offers_are_judged_by_landed_cost_and_score(buyer: Buyer) -> None:
    rows = [
        row(freight="0.5", duty_rate="10", order_fees="30", on_time_rate="98", defect_rate="0.2"),
        row(supplier="Clayworks", currency="USD", unit_price="3.00", minimum_order="500", lead_time_days="70"),
    ]
    await buyer.send("/imports", csv_of(rows))
    (product,) = (await buyer.get("/products")).json()["items"]
    asked = {"product_ids": [product["id"]], "quantity": 100, "rule": RULE}
    lacking = await buyer.post("/evaluate", asked)
    assert fields_of(lacking.json()) == {"rates.USD": "Say what 1 USD costs in EUR"}
    view = (await buyer.post("/evaluate", asked | {"rates": {"USD": "0.9"}})).json()
    best, other = view["items"][0]["offers"]
    assert (best["offer"]["supplier"], other["offer"]["supplier"]) == ("Porcel Ltd", "Clayworks")
    # 4 + 0.5 + 10% of 4.5 + 30 / 100
    assert best["landed"]["total"] == {"amount": "5.25", "currency": "EUR"}
    assert other["landed"] | {"total": None, "price": None, "freight": None, "duty": None, "fees": None} == {
        "quantity": 500,
        **dict.fromkeys(("price", "freight", "duty", "fees", "total")),
    }
    assert other["landed"]["total"]["amount"] == "2.7"
    assert best["pricing"]["price"]["amount"] == "10.99"
    assert {item["key"] for item in best["signals"]} == {
        "price",
        "defect_rate",
        "on_time_rate",
        "lead_time",
        "minimum_order",
    }
    assert float(best["score"]) > float(other["score"])


async def test_a_price_below_the_floor_is_refused_by_its_field(buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row(), row(sku="MUG-2")]))
    wanted = await wish(buyer)
    for price, message in (
        ("5.49", "Must be at least 5.5: it lands at 4"),
        ("5.505", "Must be an amount that EUR has coins for"),
    ):
        wanted["listings"][1]["price"] = price
        answer = await buyer.post("/publish", wanted)
        assert fields_of(answer.json()) == {"listings.1.price": message}
    wanted["listings"][1]["price"] = "5.50"
    assert (await buyer.post("/publish", wanted)).status_code == 202


async def test_a_wish_that_cannot_be_met_names_its_field(buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row(currency="USD")]))
    wanted = await wish(buyer, rates={"USD": 1})
    listing = wanted["listings"][0]
    for change, field in (
        ({"rule": None}, "rule"),
        ({"rule": {"tiers": [{"from": 5, "markup": 1}]}}, "rule.tiers.0.from"),
        ({"rule": RULE, "rule_id": str(uuid4())}, "rule"),
        ({"rates": {}}, "rates.USD"),
        ({"rates": {"USD": 0}}, "rates.USD"),
        ({"rates": {"USD": "dear"}}, "rates.USD"),
        ({"quantity": 0}, "quantity"),
        ({"listings": []}, "listings"),
        ({"listings": [listing, listing]}, "listings.1.product_id"),
        ({"listings": [{"product_id": str(uuid4())}]}, "listings.0.product_id"),
        ({"listings": [listing | {"offer_id": str(uuid4())}]}, "listings.0.offer_id"),
        ({"listings": [listing | {"title": "a\nb"}]}, "listings.0.title"),
        ({"listings": [listing | {"keywords": ["x" * 41]}]}, "listings.0.keywords.0"),
        ({"draft_id": "7"}, "draft_id"),
        ({"colour": "red"}, "colour"),
    ):
        answer = await buyer.post("/publish", wanted | change)
        assert answer.status_code == 422, (change, answer.text)
        assert field in fields_of(answer.json()), (change, answer.json()["errors"])
    assert (await buyer.get("/completed")).json()["items"] == []


async def test_price_rules_are_kept_and_changed(buyer: Buyer) -> None:
    made = await buyer.post("/price-rules", {"name": "Usual", **RULE})
    assert made.status_code == 201, made.text
    rule = made.json()
    assert (rule["tiers"], rule["floor_amount"], rule["ending"]) == (
        [{"from": "0", "markup": "100"}],
        "1.5",
        "0.99",
    )
    twice = await buyer.post("/price-rules", {"name": "Usual", **RULE})
    assert fields_of(twice.json()) == {"name": "Another price rule has this name"}
    path = f"/api/v1/sourcing/price-rules/{rule['id']}"
    changed = await buyer.http.put(path, json={"name": "Dear", "tiers": [{"from": "0", "markup": "250"}]})
    assert (changed.json()["name"], changed.json()["floor_amount"], changed.json()["ending"]) == ("Dear", "0", None)
    assert (await buyer.get("/price-rules")).json()["items"] == [changed.json()]
    await buyer.send("/imports", csv_of([row()]))
    wanted = await wish(buyer, rule=None, rule_id=rule["id"])
    assert (await buyer.post("/publish", wanted)).json()["rule"]["tiers"] == [{"from": "0", "markup": "250"}]
    wrong = await buyer.http.put(path, json={"name": "Dear", "tiers": []})
    assert "tiers.0.from" in fields_of(wrong.json())


async def test_lists_are_searched_and_filtered(buyer: Buyer) -> None:
    rows = [row(), row(sku="BOWL", name="Bowl", category="Table"), row(supplier="Clayworks")]
    await buyer.send("/imports", csv_of(rows))
    assert [item["sku"] for item in (await buyer.get("/products?q=bow")).json()["items"]] == ["BOWL"]
    assert [item["sku"] for item in (await buyer.get("/products?category=Kitchen")).json()["items"]] == ["MUG-1"]
    assert [item["sku"] for item in (await buyer.get("/products?sort=-sku&limit=1")).json()["items"]] == ["MUG-1"]
    mug = (await buyer.get("/products?q=mug")).json()["items"][0]["id"]
    offers = (await buyer.get(f"/offers?product_id={mug}")).json()["items"]
    assert [(item["sku"], item["supplier"]) for item in offers] == [("MUG-1", "Clayworks"), ("MUG-1", "Porcel Ltd")]
    assert (await buyer.get("/offers?q=clay")).json()["total"] == 1


async def test_only_who_manages_products_may_touch_them(world: World) -> None:
    member, stranger = await Buyer.of(world, MIA), await Buyer.of(world, FOREIGN_ADMIN)
    for path in ("/products", "/offers", "/imports", "/export.csv", "/price-rules", "/completed", "/publications"):
        assert (await member.get(path)).status_code == 403, path
    assert (await member.send("/imports", csv_of([row()]))).status_code == 403
    admin = await Buyer.of(world)
    batch = (await admin.send("/imports", csv_of([row()]))).json()["batch"]
    assert (await stranger.get("/products")).json()["items"] == []
    assert (await stranger.post(f"/imports/{batch['id']}/undo")).status_code == 404


async def test_the_assortment_has_the_latest_publication_of_each_product(world: World, buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row(), row(supplier="Clay Co"), row(sku="MUG-2", name="Bowl")]))
    (mug, _) = (await buyer.get("/products")).json()["items"]
    await publish(buyer, world, listings=[{"product_id": mug["id"], "price": "9.00"}])
    await publish(buyer, world, listings=[{"product_id": mug["id"], "price": "11.00"}])
    view = (await buyer.get("/assortment")).json()
    first, second = view["items"]
    assert (view["total"], first["product"], first["offers"]) == (2, mug, 2)
    assert (first["latest"]["price"]["amount"], first["latest"]["state"]) == ("11", "done")
    assert (second["product"]["sku"], second["offers"], second["latest"]) == ("MUG-2", 1, None)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=bowl", ["MUG-2"]),
        ("state=unpublished", ["MUG-2"]),
        ("state=done", ["MUG-1"]),
        ("state=failed", []),
        ("sort=-sku", ["MUG-2", "MUG-1"]),
        ("limit=1", ["MUG-1"]),
    ],
)
async def test_the_assortment_is_searched_filtered_and_sorted(
    world: World, buyer: Buyer, asked: str, found: list[str]
) -> None:
    await buyer.send("/imports", csv_of([row(), row(sku="MUG-2", name="Bowl")]))
    (mug, _) = (await buyer.get("/products")).json()["items"]
    await publish(buyer, world, listings=[{"product_id": mug["id"]}])
    items = (await buyer.get(f"/assortment?{asked}")).json()["items"]
    assert [item["product"]["sku"] for item in items] == found


async def test_the_assortment_refuses_an_order_and_a_state_that_it_does_not_know(buyer: Buyer) -> None:
    for asked, field in (("sort=price", "sort"), ("state=gone", "state")):
        answer = await buyer.get(f"/assortment?{asked}")
        assert (answer.status_code, list(fields_of(answer.json()))) == (422, [field])


async def test_the_assortment_of_another_organisation_is_not_seen(world: World, buyer: Buyer) -> None:
    await buyer.send("/imports", csv_of([row()]))
    assert (await (await Buyer.of(world, FOREIGN_ADMIN)).get("/assortment")).json()["total"] == 0
    assert (await (await Buyer.of(world, MIA)).get("/assortment")).status_code == 403
