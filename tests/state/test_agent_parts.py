"""The parts of a result as pages draw them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from agents.loader import catalogue
from agents.parts import Checklist, Column, Draft, Item, Point, Series, Table
from state import agent_parts
from state.agent_rows import PartRow

TABLE = Table(
    title="Overdue",
    columns=[
        Column(key="who", label="Customer"),
        Column(key="due", label="Due", kind="date"),
        Column(key="days", label="Days", kind="number"),
        Column(key="share", label="Share", kind="percent"),
        Column(key="sum", label="Open", kind="money"),
    ],
    rows=[{"who": "Nordlicht", "due": "2026-03-31", "days": 1234, "share": 12.5, "sum": Decimal("1200.10")}, {}],
    currency="EUR",
)


def drawn(**output: Any) -> list[PartRow]:
    """Draw the parts as they are stored: in JSON, where a number that is none is null."""
    return agent_parts.parts({name: json.loads(part.model_dump_json()) for name, part in output.items()})


def test_a_tables_cells_read_as_their_columns_say() -> None:
    [part] = drawn(overdue=TABLE)
    assert [cell["text"] for cell in part["lines"][0]["cells"]] == [
        "Nordlicht",
        "31 Mar 2026",
        "1,234",
        "12.5%",
        "€1,200.10",
    ]
    assert [column["is_end"] for column in part["columns"]] == [False, False, True, True, True]
    assert part["note"] == "2 rows"


def test_a_missing_cell_is_a_dash() -> None:
    [part] = drawn(overdue=TABLE)
    assert {cell["text"] for cell in part["lines"][1]["cells"]} == {"\N{EN DASH}"}


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [("date", "soon", "soon"), ("money", "much", "much"), ("text", True, "Yes"), ("number", "0.10", "0.1")],
)
def test_a_cell_that_is_not_of_its_kind_is_shown_as_it_is(kind: str, value: Any, text: str) -> None:
    assert agent_parts.cell(kind, value, "EUR") == text


def test_money_without_a_currency_has_none_guessed() -> None:
    assert agent_parts.cell("money", "12.50", None) == "12.5"


def test_bars_start_at_nought_and_fall_to_the_left_of_it() -> None:
    points = [Point(x="In", y=30), Point(x="Out", y=-10)]
    [part] = drawn(flow=Series(title="Cash", form="bar", unit="EUR", points=points))
    assert part["kind"] == "bar"
    assert [(point["start"], point["size"], point["is_negative"]) for point in part["points"]] == [
        ("25.00%", "75.00%", False),
        ("0.00%", "25.00%", True),
    ]
    assert part["note"] == "2 values, from -€10.00 (Out) to €30.00 (In)."


@pytest.mark.parametrize(
    ("unit", "text", "note"),
    [
        ("", "12.5", "1 value, from 12.5 (a) to 12.5 (a)."),
        ("%", "12.5%", "1 value, from 12.5% (a) to 12.5% (a)."),
        ("USD", "$12.50", "1 value, from $12.50 (a) to $12.50 (a)."),
        ("visits", "12.5", "In visits. 1 value, from 12.5 (a) to 12.5 (a)."),
    ],
)
def test_a_value_carries_a_short_unit_and_a_long_one_is_said_once(unit: str, text: str, note: str) -> None:
    [part] = drawn(flow=Series(title="Flow", form="bar", unit=unit, points=[Point(x="a", y=12.5)]))
    assert (part["points"][0]["text"], part["note"]) == (text, note)


def test_bars_that_are_all_nought_have_no_length() -> None:
    [part] = drawn(flow=Series(title="Cash", form="bar", points=[Point(x="a", y=0)]))
    assert (part["points"][0]["start"], part["points"][0]["size"]) == ("0.00%", "0.00%")


def test_a_line_has_its_band_only_where_one_is_given() -> None:
    points = [Point(x="2026-03-01", y=5), Point(x="2026-03-08", y=6, low=4, high=8)]
    [part] = drawn(forecast=Series(title="Forecast", points=points))
    assert (part["kind"], part["has_band"]) == ("line", True)
    assert [point["band"] for point in part["points"]] == [[], [4.0, 8.0]]
    assert [point["x"] for point in part["points"]] == ["1 Mar 26", "8 Mar 26"]


@pytest.mark.parametrize("form", ["line", "bar"])
def test_a_point_without_a_value_is_left_out(form: Any) -> None:
    points = [Point(x="a", y=5), Point(x="b", y=float("nan")), Point(x="c", y=-5)]
    [part] = drawn(flow=Series(title="Flow", form=form, points=points))
    assert [(point["key"], point["x"]) for point in part["points"]] == [("0", "a"), ("1", "c")]
    assert part["note"] == "2 values, from -5 (c) to 5 (a)."


def test_a_series_without_any_value_is_no_part() -> None:
    assert drawn(flow=Series(title="Flow", points=[Point(x="a", y=float("nan"))])) == []


def test_too_many_bars_become_a_line() -> None:
    points = [Point(x=str(number), y=number) for number in range(agent_parts.MOST_BARS + 1)]
    assert drawn(many=Series(title="Many", form="bar", points=points))[0]["kind"] == "line"


def test_parts_stand_in_the_schemas_order_and_empty_ones_not_at_all() -> None:
    output = {
        "headline": "Words are no part",
        "advice": Checklist(title="Advice", items=[Item(text="Do")]).model_dump(mode="json"),
        "tasks": Checklist(title="Tasks", items=[Item(text="Call", why="It is due")]).model_dump(mode="json"),
        "mail": Draft(title="Mail", text="Dear you,", format="markdown").model_dump(mode="json"),
        "nothing": Series(title="Nothing", points=[]).model_dump(mode="json"),
        "missing": None,
    }
    found = agent_parts.parts(output, ["mail", "tasks"])
    assert [(part["key"], part["kind"]) for part in found] == [("mail", "draft"), ("tasks", "checklist")]
    assert found[0]["note"] == "Markdown"
    assert found[1]["items"] == [{"key": "0", "text": "Call", "why": "It is due"}]


def test_every_part_that_an_agent_can_give_has_a_form() -> None:
    kinds = {"Table": "table", "Series": "series", "Checklist": "checklist", "Draft": "draft"}
    for agent in catalogue().values():
        named = agent.output_model.model_json_schema()["$defs"]
        assert set(named) & set(kinds)
        assert set(agent_parts._MAKERS) == set(kinds.values())
