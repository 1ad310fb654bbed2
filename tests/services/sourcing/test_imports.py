"""Imports against a real database: what is written, undone, exported, and named when it cannot be undone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text

from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services.sourcing import diffs
from bizosaas_app.services.sourcing.diffs import Diff, Stock
from bizosaas_app.services.sourcing.files import Sheet
from bizosaas_app.services.sourcing.undoing import AlreadyUndone
from tests.support.sourcing import FOREIGN_ADMIN, Desk, row
from tests.support.world import World

SNAPSHOT = """
SELECT to_jsonb(p) FROM products p UNION ALL SELECT to_jsonb(o) FROM supplier_offers o ORDER BY 1
"""


@pytest.fixture
async def desk(world: World) -> Desk:
    return await Desk.of(world)


async def everything(desk: Desk) -> list[Any]:
    async with desk.world.resources.database.unit_of_work(desk.actor) as session:
        return list((await session.execute(text(SNAPSHOT))).scalars())


async def test_new_rows_become_a_product_with_the_offers_of_its_suppliers(desk: Desk) -> None:
    done = await desk.apply(row(), row(supplier="Clayworks", unit_price="3.80"), row(sku="MUG-2", name="Mug, blue"))
    assert done.diff.counts == {"new": 3, "changed": 0, "unchanged": 0, "refused": 0}
    assert (done.batch.rows_new, done.batch.status) == (3, "applied")
    assert len(await everything(desk)) == 5


async def test_a_file_a_second_time_changes_nothing(desk: Desk) -> None:
    await desk.apply(row(), row(sku="MUG-2"))
    before = await everything(desk)
    again = await desk.apply(row(), row(sku="MUG-2"))
    assert again.diff.counts == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert await everything(desk) == before


async def test_a_preview_tells_what_an_import_will_do_and_writes_nothing(desk: Desk) -> None:
    await desk.apply(row(), row(sku="MUG-2"))
    before = await everything(desk)
    rows = (row(unit_price="4.10"), row(sku="MUG-2"), row(sku="MUG-3"), row(sku="MUG-4", unit_price="cheap"))
    foretold = await desk.preview(*rows)
    assert await everything(desk) == before
    assert foretold == {"new": 1, "changed": 1, "unchanged": 1, "refused": 1}
    assert (await desk.apply(*rows)).diff.counts == foretold


async def test_a_file_is_compared_beside_the_event_loop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    compare = diffs.compare

    def spied(sheet: Sheet, stock: Stock) -> Diff:
        threads.append(threading.current_thread())
        return compare(sheet, stock)

    monkeypatch.setattr(diffs, "compare", spied)
    await desk.preview(row())
    await desk.apply(row())
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_refused_rows_are_left_out_and_the_others_written(desk: Desk) -> None:
    done = await desk.apply(row(unit_price="-1"), row(sku="MUG-2"))
    (fault,) = done.diff.rows[0].faults
    assert (fault.row, fault.column) == (2, "unit_price")
    assert [item["sku"] for item in await everything(desk) if "sku" in item] == ["MUG-2"]


async def test_undoing_restores_every_field_of_every_row(desk: Desk) -> None:
    await desk.apply(row(), row(supplier="Clayworks"), row(sku="MUG-2"))
    before = await everything(desk)
    second = await desk.apply(
        row(name="Mug, cream", unit_price="4.20", price_breaks="100:3.50", lead_time_days=""),
        row(name="Mug, cream", supplier="Clayworks", currency="USD"),
        row(sku="MUG-9", price_breaks="2:1"),
    )
    assert second.diff.counts == {"new": 1, "changed": 2, "unchanged": 0, "refused": 0}
    undone = await desk.undo(second.batch.id)
    assert (undone.restored, undone.kept) == (5, ())
    assert await everything(desk) == before


async def test_imports_that_are_undone_in_reverse_order_leave_nothing_behind(desk: Desk) -> None:
    batches = [(await desk.apply(row(unit_price=price), row(sku=f"MUG-{price}"))).batch.id for price in ("1", "2", "3")]
    for batch_id in reversed(batches):
        assert (await desk.undo(batch_id)).kept == ()
    assert await everything(desk) == []


async def test_what_was_changed_since_stays_and_is_named(desk: Desk) -> None:
    first = await desk.apply(row(), row(sku="MUG-2"), row(sku="MUG-3"))
    await desk.apply(row(sku="MUG-2", unit_price="9"), row(sku="MUG-3", supplier="Clayworks"))
    kept = (await desk.undo(first.batch.id)).kept
    assert [(item.row, item.label, item.reason) for item in kept] == [
        (3, "MUG-2", "Its product has other offers"),
        (3, "MUG-2, Porcel Ltd", "Changed since the import"),
        (4, "MUG-3", "Its product has other offers"),
    ]
    left = await everything(desk)
    assert sorted(item["sku"] for item in left if "sku" in item) == ["MUG-2", "MUG-3"]
    assert sorted(item["supplier"] for item in left if "supplier" in item) == ["Clayworks", "Porcel Ltd"]


async def test_an_import_is_undone_once_and_by_its_own_tenant_only(desk: Desk) -> None:
    batch_id = (await desk.apply(row())).batch.id
    foreign = await Desk.of(desk.world, FOREIGN_ADMIN)
    with pytest.raises(NotFound):
        await foreign.undo(batch_id)
    await desk.undo(batch_id)
    with pytest.raises(AlreadyUndone):
        await desk.undo(batch_id)


async def test_two_tenants_may_have_the_same_products(desk: Desk) -> None:
    foreign = await Desk.of(desk.world, FOREIGN_ADMIN)
    await desk.apply(row())
    assert (await foreign.apply(row(unit_price="7"))).diff.counts["new"] == 1
    assert (await desk.apply(row())).diff.counts["unchanged"] == 1


async def test_a_column_that_a_file_lacks_leaves_its_field_as_it_is(desk: Desk) -> None:
    await desk.apply(row(description="Holds a pint", duty_rate="12"))
    short = {"sku": "MUG-1", "supplier": "Porcel Ltd", "unit_price": "5"}
    done = await desk.apply(short, short | {"sku": "MUG-2"})
    assert done.diff.counts == {"new": 0, "changed": 1, "unchanged": 0, "refused": 1}
    assert [fault.column for fault in done.diff.rows[1].faults] == ["name", "currency"]
    exported = await desk.export()
    assert "Holds a pint" in exported
    assert ",5,," in exported


async def test_what_is_exported_and_imported_again_changes_nothing(desk: Desk) -> None:
    await desk.apply(
        row(name='=HYPERLINK("x"), "quoted"', description="two\nlines; =1+1", price_breaks="100:3.5; 500:3"),
        row(sku="'=2", name="-5 °C box", supplier="@home", weight_kg="0.25", duty_rate="12%", defect_rate="0.5"),
    )
    before = await everything(desk)
    exported = await desk.export()
    again = await desk.apply(content=exported.encode())
    assert again.diff.counts == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert await everything(desk) == before
    assert await desk.export() == exported
