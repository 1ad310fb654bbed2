"""Wizard table: a field of rows, each cell a control of its own."""

from __future__ import annotations

import reflex as rx

from pages.components.values import call, words
from pages.components.wizard_parts import LONGEST, error_of, hint_of, optional, part_id, said, with_unit
from state.wizard import WizardState
from state.wizard_rows import CellRow, FieldRow, LineRow


def rows_control(row: FieldRow) -> rx.Component:
    """Draw rows of controls, and the button that adds one."""
    return rx.el.div(
        rx.el.ol(rx.foreach(row["lines"], lambda line: _row(row, line)), class_name="bz-rows"),
        rx.button(
            rx.icon("plus", size=16, aria_hidden="true"),
            "Add a row",
            rx.el.span(" to ", row["label"], class_name="bz-sr"),
            type="button",
            variant="soft",
            on_click=call(WizardState.add_row, row["key"]),
        ),
        class_name="bz-rows-field",
    )


def _row(row: FieldRow, line: LineRow) -> rx.Component:
    return rx.el.li(
        rx.foreach(line["cells"], lambda cell: _cell(row, cell)),
        rx.el.button(
            rx.icon("trash_2", size=16, aria_hidden="true"),
            rx.el.span("Remove ", line["title"], class_name="bz-sr"),
            type="button",
            class_name="bz-iconbtn",
            on_click=call(WizardState.remove_row, row["key"], line["number"]),
        ),
        data_row=words(row["key"]) + "." + words(line["number"]),
        key=line["number"],
    )


def _cell(row: FieldRow, cell: CellRow) -> rx.Component:
    return rx.el.div(
        rx.el.label(cell["label"], optional(cell["is_required"]), html_for=part_id(cell["path"])),
        rx.match(
            cell["kind"],
            ("choice", _cell_list(row, cell)),
            ("long_text", _cell_area(row, cell)),
            ("day", _cell_line(row, cell, type_="date")),
            ("number", _cell_line(row, cell, input_mode="decimal")),
            ("money", _cell_line(row, cell, input_mode="decimal")),
            _cell_line(row, cell),
        ),
        hint_of(cell["path"], cell["hint"]),
        error_of(cell["path"], cell["error"]),
        class_name="bz-field bz-cell-field",
        data_kind=cell["kind"],
        key=cell["path"],
    )


def _cell_line(row: FieldRow, cell: CellRow, *, type_: str = "text", input_mode: str = "text") -> rx.Component:
    control = rx.el.input(
        type=type_,
        name=cell["path"],
        id=part_id(cell["path"]),
        default_value=cell["text"],
        key=words(row["filling"]) + words(cell["path"]),
        on_blur=lambda text: call(WizardState.save_cell, cell["path"], text),
        class_name="bz-line",
        auto_complete="off",
        max_length=LONGEST,
        custom_attrs=said(cell["path"], cell["error"]) | {"inputMode": input_mode},
    )
    return with_unit(control, cell["path"], cell["unit"])


def _cell_area(row: FieldRow, cell: CellRow) -> rx.Component:
    return rx.el.textarea(
        name=cell["path"],
        id=part_id(cell["path"]),
        default_value=cell["text"],
        key=words(row["filling"]) + words(cell["path"]),
        rows=3,
        on_blur=lambda text: call(WizardState.save_cell, cell["path"], text),
        class_name="bz-area",
        max_length=LONGEST,
        custom_attrs=said(cell["path"], cell["error"]),
    )


def _cell_list(row: FieldRow, cell: CellRow) -> rx.Component:
    return rx.el.div(
        rx.el.select(
            rx.el.option("Choose", value=""),
            rx.foreach(cell["options"], lambda item: rx.el.option(item["label"], value=item["value"])),
            name=cell["path"],
            id=part_id(cell["path"]),
            default_value=cell["text"],
            key=words(row["filling"]) + words(cell["path"]),
            on_change=lambda value: call(WizardState.save_cell, cell["path"], value),
            custom_attrs=said(cell["path"], cell["error"]),
        ),
        rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
        class_name="bz-select bz-select-always bz-select-wide",
    )
