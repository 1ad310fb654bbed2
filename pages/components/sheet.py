"""Sheet: the field of a table, to paste rows into or to fill from a file, with a preview of how they are read."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.table_file import table_file
from pages.components.values import count, words
from state.agent_rows import FieldRow, SheetLine


def sheet_tools(row: FieldRow, *, longest: Any, on_file: Any) -> rx.Component:
    """Draw what stands above the text: how to fill it, and the button for a file."""
    return rx.el.div(
        rx.el.span("Paste cells from a spreadsheet, or CSV", class_name="bz-small bz-muted"),
        table_file(
            "Upload CSV",
            label="Upload a CSV file for " + words(row["label"]),
            most=longest,
            on_take=lambda data, size: on_file(row["name"], data, size),
        ),
        class_name="bz-sheet-tools",
    )


def sheet_preview(row: FieldRow) -> rx.Component:
    """Draw the first rows as they are read; nothing where there are none."""
    sheet = row["sheet"]
    return rx.cond(
        count(sheet["lines"]) > 0,
        rx.el.div(
            rx.el.span(sheet["note"], class_name="bz-small bz-muted", role="status"),
            rx.el.div(
                rx.el.table(
                    rx.el.caption("How the rows of " + words(row["label"]) + " are read", class_name="bz-sr"),
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th(rx.el.span("Row", class_name="bz-sr"), scope="col"),
                            rx.foreach(sheet["columns"], lambda name: rx.el.th(name, scope="col")),
                        )
                    ),
                    rx.el.tbody(rx.foreach(sheet["lines"], _line)),
                    class_name="bz-sheet",
                ),
                class_name="bz-sheet-wrap",
                tab_index=0,
                role="region",
                aria_label="Preview of " + words(row["label"]),
            ),
            class_name="bz-sheet-preview",
        ),
    )


def _line(line: SheetLine) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line["number"], scope="row"),
        rx.foreach(line["cells"], rx.el.td),
        key=line["number"],
    )
