"""Part: one named piece of an agent's result, drawn by its kind: table, line, bars, checklist or draft."""

from __future__ import annotations

import reflex as rx

from pages.components.bars import bars
from pages.components.card import card
from pages.components.copy_button import copy_button
from pages.components.line import line
from state.agent_rows import CellRow, ColumnRow, ItemRow, LineRow, PartRow


def part(row: PartRow) -> rx.Component:
    """Draw a part as a card with its title."""
    return rx.match(
        row["kind"],
        ("table", card(_table(row), title=row["title"], hint=row["note"], flush=True)),
        (
            "line",
            card(
                line(row["points"], title=row["title"], summary=row["note"], has_band=row["has_band"]),
                title=row["title"],
            ),
        ),
        ("bar", card(bars(row["points"], label=row["title"]), title=row["title"], hint=row["note"])),
        ("checklist", card(checklist(row["items"]), title=row["title"])),
        card(_draft(row), title=row["title"], hint=_format(row), action=_copy(row)),
    )


def checklist(items: list[ItemRow]) -> rx.Component:
    """Draw things to do, the most useful first, each with its reason."""
    return rx.el.ol(rx.foreach(items, _item), class_name="bz-todo")


def _item(item: ItemRow) -> rx.Component:
    return rx.el.li(
        rx.el.span(item["text"], class_name="bz-strong"),
        rx.cond(item["why"] != "", rx.el.span(item["why"], class_name="bz-muted")),
        key=item["key"],
    )


def _table(row: PartRow) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(row["title"], class_name="bz-sr"),
            rx.el.thead(rx.el.tr(rx.foreach(row["columns"], _head))),
            rx.el.tbody(rx.foreach(row["lines"], _line)),
            class_name="bz-table bz-cards",
        ),
        class_name="bz-table-wrap bz-part-table",
        tab_index=0,
        role="region",
        aria_label=row["title"],
    )


def _head(column: ColumnRow) -> rx.Component:
    return rx.el.th(column["label"], scope="col", class_name=rx.cond(column["is_end"], "bz-end", ""))


def _line(line_row: LineRow) -> rx.Component:
    return rx.el.tr(rx.foreach(line_row["cells"], _cell), key=line_row["key"])


def _cell(cell: CellRow) -> rx.Component:
    return rx.el.td(
        cell["text"],
        role="cell",
        data_label=cell["label"],
        class_name=rx.cond(cell["is_end"], "bz-end bz-num", ""),
    )


def _draft(row: PartRow) -> rx.Component:
    return rx.el.div(
        row["text"],
        class_name="bz-draft",
        data_format=row["note"],
        tab_index=0,
        role="region",
        aria_label="Text of " + row["title"],
    )


def _format(row: PartRow) -> rx.Component:
    return rx.fragment(
        rx.cond(row["note"] != "", rx.fragment(row["note"], ". ")),
        "A draft: nothing sends it by itself.",
    )


def _copy(row: PartRow) -> rx.Component:
    return copy_button(row["text"], label="Copy " + row["title"], color_scheme="gray")
