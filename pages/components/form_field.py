"""Form field: a control with its label, what it is for, and what is wrong with it."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.sheet import sheet_preview, sheet_tools
from pages.components.values import Text, words
from state.agent_rows import FieldRow
from state.rows import Choice

_PAUSE: Final = 400
"""Milliseconds without a keystroke after which a table is looked at."""


def form_field(row: FieldRow, *, longest: int, on_look: Any, on_file: Any) -> rx.Component:
    """Draw the control of the field's kind.

    `on_look` is given name and text of one whose text has a grammar, `on_file` name, base64 and size of a file for it.
    """
    return rx.el.div(
        rx.match(
            row["kind"],
            ("switch", _switch(row)),
            ("choice", _labelled(row, _choice(row))),
            ("long", _labelled(row, _area(row, longest))),
            ("lines", _labelled(row, _area(row, longest))),
            ("json", _labelled(row, _area(row, longest, on_blur=lambda text: on_look(row["name"], text)))),
            ("rows", _labelled(row, _table(row, longest, on_look, on_file))),
            ("date", _labelled(row, _line(row, type_="date"))),
            ("number", _labelled(row, _line(row, input_mode="decimal"))),
            _labelled(row, _line(row)),
        ),
        rx.cond(row["hint"] != "", rx.el.span(row["hint"], id=_id(row, "hint"), class_name="bz-field-hint")),
        rx.cond(
            row["error"] != "",
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"),
                row["error"],
                id=_id(row, "error"),
                class_name="bz-field-error",
            ),
        ),
        rx.cond(row["kind"] == "rows", sheet_preview(row)),
        key=row["name"],
        class_name="bz-field",
        data_kind=row["kind"],
    )


def _labelled(row: FieldRow, control: rx.Component) -> rx.Component:
    return rx.fragment(
        rx.el.label(
            row["label"],
            rx.cond(row["is_required"], rx.fragment(), rx.el.span(" (optional)", class_name="bz-muted bz-optional")),
            html_for=_id(row, "control"),
        ),
        control,
    )


def _line(row: FieldRow, *, type_: str = "text", input_mode: str | None = None) -> rx.Component:
    return rx.input(
        type=type_,
        default_value=row["value"],
        max_length=2000,
        custom_attrs=_said(row) | ({"inputMode": input_mode} if input_mode else {}),
        **_named(row),
    )


def _table(row: FieldRow, longest: int, on_look: Any, on_file: Any) -> rx.Component:
    """Draw the text of a table; what is pasted is looked at without leaving the field."""
    return rx.fragment(
        sheet_tools(row, longest=longest, on_file=on_file),
        _area(row, longest, on_change=lambda text: on_look.debounce(_PAUSE)(row["name"], text)),
    )


def _area(row: FieldRow, longest: int, **events: Any) -> rx.Component:
    return rx.el.textarea(
        key=row["filling"],
        default_value=row["value"],
        max_length=longest,
        rows=4,
        spell_check=False,
        class_name="bz-area",
        data_kind=row["kind"],
        custom_attrs=_said(row),
        **_named(row),
        **events,
    )


def _choice(row: FieldRow) -> rx.Component:
    return rx.el.div(
        rx.el.select(
            rx.foreach(row["choices"], _option),
            default_value=row["value"],
            custom_attrs=_said(row),
            **_named(row),
        ),
        rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
        class_name="bz-select bz-select-always",
    )


def _option(choice: Choice) -> rx.Component:
    return rx.el.option(choice["label"], value=choice["value"])


def _switch(row: FieldRow) -> rx.Component:
    return rx.el.label(
        rx.switch(default_checked=row["is_on"], **_named(row)),
        row["label"],
        class_name="bz-check",
    )


def _named(row: FieldRow) -> dict[str, Any]:
    return {"name": row["name"], "id": _id(row, "control")}


def _said(row: FieldRow) -> dict[str, Any]:
    """Tie hint and error to the control for who does not see them."""
    hint = rx.cond(row["hint"] != "", _id(row, "hint"), "")
    error = rx.cond(row["error"] != "", _id(row, "error"), "")
    return {
        "aria-describedby": words(error) + " " + words(hint),
        "aria-invalid": rx.cond(row["error"] != "", "true", "false"),
    }


def _id(row: FieldRow, part: str) -> Text:
    return "input-" + words(row["name"]) + "-" + part
