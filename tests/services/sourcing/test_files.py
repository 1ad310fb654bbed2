"""Files: what we hold comes back from a file unchanged, and what is wrong with one is said by row and column."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.sourcing import cells, diffs, files
from bizosaas_app.services.sourcing.columns import OFFER_FIELDS, PRODUCT_FIELDS
from bizosaas_app.services.sourcing.diffs import Known, Stock
from tests.support.sourcing import csv_of, row

D = Decimal

spiteful = st.sampled_from("=+-@'\";,|\t\n :0\uff41\uff1d\u200b\ufeffé")
words = st.text(st.characters(codec="utf-8") | spiteful, max_size=20)


_printable = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))
_spiteful = st.sampled_from("=+-@'\";,| :0\uff1d\u200b\ufeff")
lines = st.text(_printable | _spiteful, max_size=20).map(lambda text: text.strip() or "x")
"""Any text of one line, as it is kept."""
prose = st.text(_printable | _spiteful | st.just("\n"), max_size=20).map(str.strip)
amounts = st.decimals(min_value=0, max_value=D("999999999.9999"), places=4)
breaks = st.dictionaries(st.integers(2, 10**6), amounts, max_size=3).map(
    lambda found: [{"from": key, "unit_price": cells.plain(found[key])} for key in sorted(found)]
)
rows = st.fixed_dictionaries(
    {
        "sku": lines,
        "name": lines,
        "description": prose,
        "category": st.just("") | lines,
        "weight_kg": st.none() | amounts,
        "supplier": lines,
        "currency": st.sampled_from(["EUR", "USD", "JPY"]),
        "unit_price": amounts,
        "price_breaks": breaks,
        "freight": amounts,
        "order_fees": amounts,
        "duty_rate": st.decimals(min_value=0, max_value=1000, places=4),
        "minimum_order": st.integers(1, 10_000_000),
        "lead_time_days": st.none() | st.integers(0, 3650),
        "defect_rate": st.none() | st.decimals(min_value=0, max_value=100, places=2),
        "on_time_rate": st.none() | st.decimals(min_value=0, max_value=100, places=2),
    }
)
sheets = st.lists(rows, max_size=6, unique_by=lambda item: item["sku"])


def stock_of(held: list[dict[str, Any]]) -> Stock:
    return Stock(
        {item["sku"]: Known(uuid4(), {name: item[name] for name in PRODUCT_FIELDS}) for item in held},
        {(item["sku"], item["supplier"]): Known(uuid4(), {n: item[n] for n in OFFER_FIELDS}) for item in held},
    )


@given(st.text(spiteful | st.characters(codec="utf-8")))
def test_the_guard_against_formulas_is_taken_away_to_the_last_sign(text: str) -> None:
    assert cells.unguarded(cells.guarded(text)) == text


@given(words)
def test_no_exported_text_begins_as_a_formula_does(text: str) -> None:
    assert not cells.guarded(text).lstrip(" \u200b\ufeff").startswith(("=", "+", "-", "@", "\uff1d"))


@given(sheets)
def test_what_is_written_is_read_back_to_the_same_values_and_changes_nothing(held: list[dict[str, Any]]) -> None:
    text = files.write(held)
    sheet = files.read(text.encode())
    assert [dict(line.values) for line in sheet.lines] == held
    assert [line.faults for line in sheet.lines] == [()] * len(held)
    diff = diffs.compare(sheet, stock_of(held))
    assert diff.counts == {"new": 0, "changed": 0, "unchanged": len(held), "refused": 0}
    assert files.write([dict(line.values) for line in sheet.lines]) == text


@given(sheets, st.data())
def test_a_diff_names_just_the_field_that_differs(held: list[dict[str, Any]], data: st.DataObject) -> None:
    if not held:
        return
    place = data.draw(st.integers(0, len(held) - 1))
    name = data.draw(st.sampled_from([*PRODUCT_FIELDS, *OFFER_FIELDS]))
    other = data.draw(rows)[name]
    if other == held[place][name]:
        return
    new = [dict(item) for item in held]
    new[place][name] = other
    diff = diffs.compare(files.read(files.write(new).encode()), stock_of(held))
    assert [item.verdict for item in diff.rows].count("changed") == 1
    (change,) = diff.rows[place].changes
    assert (change.column, change.old, change.new) == (name, cells.shown(held[place][name]), cells.shown(other))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_words(content: bytes) -> None:
    with suppress(InputInvalid):
        files.read(content)


@given(st.lists(st.lists(words, max_size=4), max_size=4))
def test_any_table_under_a_right_header_is_read_row_by_row(table: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["sku", "supplier", "unit_price"], *table])
    content = out.getvalue().replace("\x00", "")
    sheet = files.read(content.encode("utf-8", "ignore"))
    diff = diffs.compare(sheet, Stock())
    assert sum(diff.counts.values()) == len(sheet.lines)
    assert all(item.faults for item in diff.rows if item.verdict == "refused")


WRONG = [
    ("sku", "", "Must not be empty"),
    ("sku", "x" * 65, "Must be at most 64 characters"),
    ("name", "two\nlines", "Must be one line of printable text"),
    ("name", "bell\x07", "Must be one line of printable text"),
    ("description", "bell\x07", "Must be printable text"),
    ("currency", "EURO", "Must be an ISO 4217 code such as EUR"),
    ("currency", "QQQ", "Must be an ISO 4217 code such as EUR"),
    ("unit_price", "4,00", "Must be a number such as 12.50; write 4.00"),
    ("unit_price", "-4", "Must be a number such as 12.50"),
    ("unit_price", "4.00001", "Must be a number such as 12.50"),
    ("unit_price", "1e3", "Must be a number such as 12.50"),
    ("unit_price", "٤", "Must be a number such as 12.50"),
    ("unit_price", "1000000000", "Must be less than 1,000,000,000"),
    ("duty_rate", "1001", "Must be from 0 to 1000 percent"),
    ("defect_rate", "101%", "Must be from 0 to 100 percent"),
    ("minimum_order", "0", "Must be a whole number from 1 to 10,000,000"),
    ("lead_time_days", "2.5", "Must be a whole number from 0 to 3,650"),
    ("price_breaks", "cheap", "Must be quantities of 2 or more with prices, such as 100:4.50; 500:4.10"),
    ("price_breaks", "1:4", "Must be quantities of 2 or more with prices, such as 100:4.50; 500:4.10"),
    ("price_breaks", "500:4; 100:5", "Quantities must rise, such as 100:4.50; 500:4.10"),
    ("price_breaks", "100:4; 100:5", "Quantities must rise, such as 100:4.50; 500:4.10"),
    ("price_breaks", "; ".join(f"{n}:1" for n in range(2, 23)), "Must be at most 20 price breaks"),
]


@pytest.mark.parametrize(("column", "cell", "message"), WRONG)
def test_a_wrong_cell_is_named_by_row_and_column(column: str, cell: str, message: str) -> None:
    sheet = files.read(csv_of([row(sku="FINE"), row(**{column: cell})]))
    assert [(fault.row, fault.column, fault.message) for fault in sheet.lines[1].faults] == [(3, column, message)]
    assert sheet.lines[0].faults == ()


def test_every_fault_of_a_row_is_named_at_once() -> None:
    sheet = files.read(csv_of([row(sku="", currency="?", unit_price="x", minimum_order="many")]))
    assert [fault.column for fault in sheet.lines[0].faults] == ["sku", "currency", "unit_price", "minimum_order"]


def test_a_row_with_too_few_or_too_many_cells_says_so() -> None:
    sheet = files.read(b"sku,supplier,name\nA,B\nA,B,C,D\n")
    assert [line.faults[0].message for line in sheet.lines] == [
        "Has 2 cells; the header has 3",
        "Has 4 cells; the header has 3",
    ]


def test_rows_are_counted_as_a_spreadsheet_does_and_empty_ones_are_passed_over() -> None:
    sheet = files.read(b'sku,supplier,name\n\n"A","B","C"\n,,\n"D","E","F\nG"\nX,Y,Z\n')
    assert [line.row for line in sheet.lines] == [3, 5, 6]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_by_the_header(delimiter: str) -> None:
    sheet = files.read(csv_of([row(name="a,b;c")], delimiter=delimiter))
    assert sheet.lines[0].values["name"] == "a,b;c"


def test_a_header_may_be_written_as_people_write_it() -> None:
    sheet = files.read("\ufeffSKU, Unit Price ,Supplier,lead-time-days\nA,1,B,3\n".encode())
    assert sheet.columns == ("sku", "unit_price", "supplier", "lead_time_days")


def test_a_header_names_every_wrong_column_at_once() -> None:
    with pytest.raises(InputInvalid) as caught:
        files.read(b"sku,unit_prise,colour,sku\n")
    assert caught.value.fields == {
        "header.unit_prise": "Column 2 is unknown; did you mean unit_price?",
        "header.colour": "Column 3 is unknown",
        "header.sku": "Column 4 has the name of column 1",
        "header.supplier": "This column is missing",
    }


def test_a_product_that_a_file_tells_twice_must_be_told_alike() -> None:
    rows_ = [row(), row(), row(supplier="Clayworks", name="Cup"), row(supplier="Third")]
    diff = diffs.compare(files.read(csv_of(rows_)), Stock())
    assert [item.verdict for item in diff.rows] == ["new", "refused", "refused", "new"]
    assert diff.rows[1].faults[0].message == "Row 2 has the same product of the same supplier"
    assert diff.rows[2].faults[0].message == "Row 2 says Mug, white for the same product"
