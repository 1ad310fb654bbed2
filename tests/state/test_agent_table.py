"""Tables of an input: read cell by cell, written so that they read back the same, taken from files."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from agents.loader import Agent, catalogue
from state import agent_files, agent_forms, agent_sheet, agent_table
from state.agent_schema import read_schema

each_agent = pytest.mark.parametrize("agent", [pytest.param(agent, id=agent.id) for agent in catalogue().values()])


class Deal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    amount: Decimal
    units: int = 1
    close_on: date | None = None
    is_won: bool = False
    stage: Literal["first_call", "offer"] = "offer"
    labels: list[str] = Field(default_factory=list)
    chance: float | None = None


class Scored(BaseModel):
    brand: str
    scores: dict[str, float]


class Given(BaseModel):
    deals: list[Deal]
    brands: list[Scored]
    anything: list[dict[str, str | float | bool | None]]


DEALS, BRANDS, ANYTHING = read_schema(Given.model_json_schema())


def cell(name: str, text: str) -> Any:
    """Read one cell of a deal, with the needed ones beside it."""
    given = {"name": "A", "amount": "1", name: text}
    table = "\t".join(given) + "\n" + "\t".join(given.values())
    return agent_sheet.read_rows(DEALS, table)[0].get(name)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("amount", " 12.50 ", "12.50"),
        ("amount", "\N{MINUS SIGN}3", "-3"),
        ("units", "4.0", 4),
        ("units", "", None),
        ("chance", "1e-2", 0.01),
        ("close_on", "2026-06-30 00:00:00", "2026-06-30"),
        ("is_won", "Yes", True),
        ("is_won", "0", False),
        ("stage", "First call", "first_call"),
        ("labels", "new; warm;", ["new", "warm"]),
        ("labels", '["a;b"]', ["a;b"]),
        ("name", '5" screen', '5" screen'),
    ],
)
def test_a_cell_means_what_its_column_asks_for(name: str, text: str, value: Any) -> None:
    assert cell(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("amount", "twelve", "Row 1, amount: not a number."),
        ("amount", "1,284", "Row 1, amount: not a number; write it as 1284.5."),
        ("amount", "nan", "Row 1, amount: not a number."),
        ("amount", "1_000", "Row 1, amount: not a number."),
        ("amount", "", "Row 1, amount: empty."),
        ("name", " ", "Row 1, name: empty."),
        ("units", "4.5", "Row 1, units: not a whole number."),
        ("chance", "1e999", "Row 1, chance: not a number."),
        ("close_on", "3/4/2026", "Row 1, close on: not a date; write it as 2026-12-31."),
        ("close_on", "2026-06-30 17:00", "Row 1, close on: not a date; write it as 2026-12-31."),
        ("is_won", "maybe", "Row 1, is won: neither yes nor no."),
        ("stage", "lost", "Row 1, stage: none of first_call, offer."),
        ("labels", "[1", "Row 1, labels: not JSON."),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named_with_row_and_column(name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cell(name, text)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "There is no row that names the columns."),
        ("name,amount", "Below the row that names the columns there are none."),
        ("A,1\nB,2", "The first row names the columns; it lacks name, amount."),
        ("name,stage\nA,offer", "The first row names the columns; it lacks amount."),
        ("name,amount,Amount (EUR)\nA,1,1", "The column amount is there twice."),
        ("name,amount\nA,1,2", "Row 1: it has more cells than there are columns."),
        ('name,amount\n"A,1', "A quotation mark is out of place: a cell that has one is quoted, with it doubled."),
        ("name,amount\n" + "A,x\n" * 5, "And 2 more mistakes."),
        ("name,amount\nA", "Row 1, amount: empty."),
        ("name,amount" + ",x" * 199, "A table has 200 columns at most."),
    ],
)
def test_a_table_that_cannot_be_read_says_why(table: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(message)}$"):
        agent_sheet.read_rows(DEALS, table)


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
def test_the_delimiter_is_the_one_that_finds_the_columns(delimiter: str) -> None:
    table = f"\ufeff\r\nAmount{delimiter}NAME (of, the; deal){delimiter}Close On\r\n1{delimiter}A{delimiter}\r\n\r\n"
    if delimiter in ",;":
        table = table.replace("NAME (of, the; deal)", "name")
    assert agent_sheet.read_rows(DEALS, table) == [{"name": "A", "amount": "1"}]


def test_columns_that_nobody_asked_for_are_named_and_left_out() -> None:
    sheet = agent_sheet.preview(DEALS, "name,owner,amount,,\nA,Ana,1,x,\n\nB,Ben,2,,")
    assert sheet["note"] == "2 rows. Not used: owner, column 4, which has no name."
    assert sheet["columns"] == ["Name", "Amount"]
    assert [(line["number"], line["cells"]) for line in sheet["lines"]] == [("1", ["A", "1"]), ("2", ["B", "2"])]


def test_a_preview_shows_the_first_rows_and_counts_all_of_json_too() -> None:
    rows = ", ".join(f'{{"name": "A{number}", "amount": {number}}}' for number in range(40))
    sheet = agent_sheet.preview(DEALS, f"[{rows}]")
    assert (sheet["note"], len(sheet["lines"])) == ("40 rows; the first 5 are shown.", 5)
    assert agent_sheet.preview(DEALS, "[1, 2]")["lines"] == []
    assert agent_sheet.preview(DEALS, "[" * 100_000)["lines"] == []


def test_further_columns_are_members_of_the_map() -> None:
    table = "brand,price,ease of use\nPackFix,6,\nBoxwerk,8,9.5"
    rows = [
        {"brand": "PackFix", "scores": {"price": 6}},
        {"brand": "Boxwerk", "scores": {"price": 8, "ease of use": 9.5}},
    ]
    assert agent_sheet.read_rows(BRANDS, table) == rows
    assert agent_sheet.write(BRANDS, rows) == table
    assert agent_sheet.headings(BRANDS) == "Columns: brand, one for each of the scores."


def test_rows_with_ever_new_members_stand_as_json_and_show_a_few_columns() -> None:
    rows = [{"brand": f"B{number}", "scores": {f"score {number}": 1}} for number in range(300)]
    assert agent_sheet.write(BRANDS, rows) is None
    assert len(agent_sheet.preview(BRANDS, agent_forms.pretty(rows))["columns"]) == agent_sheet.SHOWN_COLUMNS


def test_a_table_of_any_columns_keeps_what_stands_in_it() -> None:
    table = "order,amount,paid,note\n007,12.5,true, spaced \nA2,,false,7"
    rows = [
        {"order": "007", "amount": 12.5, "paid": True, "note": " spaced "},
        {"order": "A2", "amount": None, "paid": False, "note": 7},
    ]
    assert agent_sheet.read_rows(ANYTHING, table) == rows


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.text(min_size=1, max_size=20),
                "amount": st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
                "units": st.integers(-(10**12), 10**12),
            },
            optional={
                "close_on": st.dates().map(str) | st.none(),
                "is_won": st.booleans(),
                "labels": st.lists(st.text(max_size=8), max_size=3),
                "chance": st.floats(allow_nan=False, allow_infinity=False),
            },
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_as_a_table_reads_back_as_the_same_deals(rows: list[dict[str, Any]]) -> None:
    text = agent_sheet.write(DEALS, rows)
    if text is not None:
        back = agent_sheet.read_rows(DEALS, text)
        assert [Deal.model_validate(row) for row in back] == [Deal.model_validate(row) for row in rows]


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused_with_words(text: str) -> None:
    for field in (DEALS, BRANDS, ANYTHING):
        agent_sheet.preview(field, text)
        with suppress(ValueError):  # which is told beside the field
            assert agent_table.read(field, text).rows


@each_agent
def test_the_form_of_an_agent_sent_as_it_stands_is_its_example(agent: Agent) -> None:
    schema = agent.input_model.model_json_schema()
    example = agent.input_model.model_validate(agent.spec.example)
    rows = agent_forms.fields(schema, example.model_dump(mode="json", exclude_unset=True))
    found, errors = agent_forms.read(
        schema, {row["name"]: row["is_on"] if row["kind"] == "switch" else row["value"] for row in rows}
    )
    assert errors == {}
    assert agent.input_model.model_validate(found) == example
    tables = [row for row in rows if row["kind"] == "rows" and row["value"]]
    nested = ("content_gap_finder.rivals", "ad_budget_split.channels", "invoice_checker.invoices")
    as_json = {f"{agent.id}.{row['name']}" for row in tables if agent_sheet.is_json(row["value"])}
    assert as_json <= set(nested)
    assert all(row["sheet"]["lines"] for row in tables)


@pytest.mark.parametrize(
    "data",
    [
        "name,amount\r\nCafé,€1".encode(),
        "name,amount\r\nCafé,€1".encode("utf-8-sig"),
        "name,amount\r\nCafé,€1".encode("cp1252"),
        "name,amount\r\nCafé,€1".encode("utf-16"),
    ],
)
def test_a_file_is_read_in_the_encodings_of_spreadsheets(data: bytes) -> None:
    assert agent_files.read(base64.b64encode(data).decode(), len(data), 1000) == "name,amount\nCafé,€1"


@pytest.mark.parametrize(
    ("data", "size", "message"),
    [
        (b"PK\x03\x04rest", 8, "This is a workbook. Save the sheet as CSV, or copy its cells and paste them."),
        (b"\x00\x01\x02", 3, "This file is not text. Save the sheet as CSV."),
        (b"\x81", 1, "This file is not text. Save the sheet as CSV."),
        (b" \n", 2, "This file is empty."),
        (b"", 1000, "The file has 1,000 bytes; fewer than 1,000 fit. Send longer tables through the API."),
        (b"x" * 2000, 3, "The file has 3 bytes; fewer than 1,000 fit. Send longer tables through the API."),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(data: bytes, size: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        agent_files.read(base64.b64encode(data).decode(), size, 1000)


@pytest.mark.parametrize(("data", "size"), [("?", 1), (None, 1), ("", "many"), ("\u20ac", 1)])
def test_what_no_browser_sends_is_refused(data: Any, size: Any) -> None:
    with pytest.raises(ValueError, match="This file could not be read"):
        agent_files.read(data, size, 1000)
