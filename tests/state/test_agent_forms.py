"""The form of a run: from a schema to fields, and from what was typed back to an input."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from state import agent_forms
from state.agent_rows import FieldRow


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=60)
    amount: Decimal
    due_on: date | None = None


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lines: list[Line] = Field(min_length=1, description="What was billed")
    title: str = Field(max_length=80)
    body: str
    as_of: date | None = None
    weeks: int = Field(8, ge=1)
    price: Decimal | None = None
    tone: Literal["plain", "warm_words"] = "plain"
    channel: Literal["mail", "post"] | None = None
    is_draft: bool = True
    keywords: list[str] = Field(default_factory=list)
    texts: list[str] = Field(default_factory=list)
    weights: list[float] = Field(default_factory=list)
    split: dict[str, float] = Field(default_factory=dict)


SCHEMA: dict[str, Any] = Asked.model_json_schema()
EXAMPLE: dict[str, Any] = {
    "lines": [
        {"number": "A-1", "amount": "12.30", "due_on": "2026-06-30"},
        {"number": "A-2", "amount": "0.70"},
    ],
    "title": "Spring",
    "body": "One line.\nAnother.",
    "weeks": 4,
    "price": "19.90",
    "is_draft": False,
    "keywords": ["shoes", "red shoes"],
    "texts": ["Two\nlines", "One"],
    "split": {"mail": 0.5},
}


def field(name: str, values: dict[str, Any] | None = None) -> FieldRow:
    return next(row for row in agent_forms.fields(SCHEMA, EXAMPLE if values is None else values) if row["name"] == name)


def sent(values: dict[str, Any] | None = None, **typed: Any) -> dict[str, str]:
    """Give what a browser sends of the filled form: a switch that is off sends nothing."""
    rows = agent_forms.fields(SCHEMA, EXAMPLE if values is None else values)
    form = {row["name"]: row["value"] for row in rows if row["kind"] != "switch"}
    return {**form, **{row["name"]: "on" for row in rows if row["kind"] == "switch" and row["is_on"]}, **typed}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lines", "rows"),
        ("title", "text"),
        ("body", "long"),
        ("as_of", "date"),
        ("weeks", "number"),
        ("price", "number"),
        ("tone", "choice"),
        ("channel", "choice"),
        ("is_draft", "switch"),
        ("keywords", "lines"),
        ("texts", "json"),
        ("weights", "json"),
        ("split", "json"),
    ],
)
def test_each_type_has_its_control(name: str, kind: str) -> None:
    assert field(name)["kind"] == kind


def test_the_example_sent_as_it_stands_is_the_example() -> None:
    found, errors = agent_forms.read(SCHEMA, sent())
    assert errors == {}
    assert Asked.model_validate(found) == Asked.model_validate(EXAMPLE)


def test_an_exact_amount_is_never_a_float() -> None:
    assert agent_forms.read(SCHEMA, sent(price="0.1"))[0]["price"] == "0.1"


def test_a_field_left_empty_is_left_out_and_a_needed_one_is_asked_for() -> None:
    found, errors = agent_forms.read(SCHEMA, sent(as_of="", price=" ", title="", lines=""))
    assert {"as_of", "price"}.isdisjoint(found)
    assert errors == {"title": "Enter title.", "lines": "Enter lines."}


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("weeks", "4.5", "Enter a whole number."),
        ("weeks", "many", "Enter a whole number."),
        ("price", "12,50", "Enter a number with a point, such as 1284.5."),
        ("price", "nan", "Enter a number with a point, such as 1284.5."),
        ("tone", "rude", "Choose one of the list."),
        ("lines", '{"number": 1}', "Write a list: [ ... ]."),
        ("lines", "[1,", "This is not JSON: line 1, column 4: Expecting value."),
        ("weights", "[NaN]", "NaN is not a number."),
        ("split", "[]", "Write an object: { ... }."),
        ("weights", "[" * 100_000, "This is nested too deeply."),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field(name: str, typed: str, message: str) -> None:
    assert agent_forms.read(SCHEMA, {**sent(), name: typed})[1] == {name: message}
    assert agent_forms.check(SCHEMA, name, typed) == message


def test_a_text_that_stands_well_is_not_complained_about_alone() -> None:
    assert agent_forms.check(SCHEMA, "weeks", "12") == ""


def test_lines_lose_their_blanks_and_may_be_json_too() -> None:
    assert agent_forms.read(SCHEMA, sent(keywords=" a \n\nb\n"))[0]["keywords"] == ["a", "b"]
    assert agent_forms.read(SCHEMA, sent(keywords='["a", "b"]'))[0]["keywords"] == ["a", "b"]


@pytest.mark.parametrize("typed", ["[New] Tea", "[1,", "[NaN]", "[2026] in figures"])
def test_a_line_may_begin_as_a_list_does(typed: str) -> None:
    found, errors = agent_forms.read(SCHEMA, sent(keywords=f"{typed}\nPlain tea"))
    assert (found["keywords"], errors) == ([typed, "Plain tea"], {})


def test_a_choice_that_need_not_be_made_offers_none() -> None:
    assert [choice["value"] for choice in field("channel")["choices"]] == ["", "mail", "post"]
    assert [choice["label"] for choice in field("tone")["choices"]] == ["Plain", "Warm words"]
    assert "channel" not in agent_forms.read(SCHEMA, sent())[0]
    assert [field(name)["is_required"] for name in ("channel", "tone")] == [False, True]


def test_a_field_of_rows_says_what_a_row_holds() -> None:
    assert field("lines")["hint"] == "What was billed. Columns: number, amount, due on (optional)."


def test_rows_stand_as_a_table_in_the_schemas_order() -> None:
    assert field("lines")["value"] == "number,amount,due_on\nA-1,12.30,2026-06-30\nA-2,0.70,"
    text = field("lines", {"lines": [{"due_on": None, "amount": "1", "number": "A-1"}]})["value"]
    assert text == "number,amount\nA-1,1"


def test_rows_that_a_table_would_change_stand_as_json() -> None:
    given = [{"due_on": None, "amount": "1", "number": " A-1"}]
    text = field("lines", {"lines": given})["value"]
    assert text == '[\n  {"number": " A-1", "amount": "1", "due_on": null}\n]'
    assert agent_forms.read(SCHEMA, sent(lines=text))[0]["lines"] == given


@pytest.mark.parametrize(
    "typed",
    [
        "Number\tDue On\tAMOUNT\nA-1\t2026-06-30\t12.30",
        "number;amount;due-on;note\r\nA-1;12.30;2026-06-30;paid\r\n",
        '[{"number": "A-1", "amount": "12.30", "due_on": "2026-06-30"}]',
    ],
)
def test_a_table_and_json_mean_the_same(typed: str) -> None:
    found, errors = agent_forms.read(SCHEMA, sent(lines=typed))
    assert (found["lines"], errors) == (EXAMPLE["lines"][:1], {})


def test_a_wrong_cell_is_named_and_what_was_typed_stays() -> None:
    rows = agent_forms.fields(SCHEMA, EXAMPLE)
    typed = "number,amount\nA-1,1\nA-2,2\nA-3,three"
    seen = {row["name"]: row for row in agent_forms.look(SCHEMA, rows, "lines", typed)}
    assert seen["lines"]["error"] == "Row 3, amount: not a number."
    assert seen["lines"]["sheet"]["lines"][2]["cells"] == ["A-3", "three"]
    assert seen["lines"]["value"] == field("lines")["value"]
    assert {row["name"]: row for row in rows}["title"] == seen["title"]


def test_a_text_that_is_put_in_fills_its_field_alone() -> None:
    rows = agent_forms.fields(SCHEMA, EXAMPLE)
    after = agent_forms.put(SCHEMA, rows, "lines", "number,amount\nB-1,5")
    assert [row["name"] for row, was in zip(after, rows, strict=True) if row["filling"] != was["filling"]] == ["lines"]
    assert after[0]["value"] == "number,amount\nB-1,5"
    assert after[0]["sheet"]["note"] == "1 row."


def test_a_table_that_the_browser_cut_off_is_refused() -> None:
    most = agent_forms.share(agent_forms.fields(SCHEMA, EXAMPLE))
    cut = ("number,amount\n" + "A-1,1.00\n" * most)[:most]
    assert "is cut off" in agent_forms.read(SCHEMA, sent(lines=cut))[1]["lines"]


def test_a_refusal_is_placed_beside_its_field_with_the_row() -> None:
    rows = agent_forms.fields(SCHEMA, EXAMPLE)
    refused = {"input.lines.2.due_on": "Write a date", "input.weeks": "At least 1", "input": "Budget is short"}
    placed, rest = agent_forms.place(refused, rows)
    assert placed == {"lines": "Row 3, due on: Write a date.", "weeks": "At least 1."}
    assert rest == "Budget is short."
    assert [row["name"] for row in agent_forms.with_errors(rows, placed) if row["error"]] == ["lines", "weeks"]


def test_all_areas_together_fit_one_message() -> None:
    rows = agent_forms.fields(SCHEMA, EXAMPLE)
    areas = [row for row in rows if row["kind"] in ("long", "lines", "json", "rows")]
    assert agent_forms.share(rows) * len(areas) <= agent_forms.MOST_TYPED
    assert agent_forms.share([]) == agent_forms.MOST_TYPED


LINES = st.fixed_dictionaries(
    {"number": st.text(max_size=60), "amount": st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str)}
)


@given(st.lists(LINES, min_size=1, max_size=5), st.integers(1, 10**9), st.booleans())
def test_whatever_stands_in_the_form_comes_back(lines: list[dict[str, Any]], weeks: int, is_draft: bool) -> None:
    values = {**EXAMPLE, "lines": lines, "weeks": weeks, "is_draft": is_draft}
    found, errors = agent_forms.read(SCHEMA, sent(values))
    assert errors == {}
    assert (found["lines"], found["weeks"], found["is_draft"]) == (lines, weeks, is_draft)
