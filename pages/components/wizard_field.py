"""Wizard field: the control of each kind, with its label, hint, message, and whether an agent guessed it."""

from __future__ import annotations

import reflex as rx

from pages.components.server_field import file_control, secret_control
from pages.components.wizard_choices import pick_list, radios, several
from pages.components.wizard_controls import act, area, colour, line, moment, zone
from pages.components.wizard_parts import error_of, hint_of, optional, part_id, said
from pages.components.wizard_preview import preview
from pages.components.wizard_table import rows_control
from state.wizard_rows import FieldRow

_FEW = 7
"""As many choices as are shown at once; more are picked from a list."""


def wizard_field(row: FieldRow) -> rx.Component:
    """Draw a field of the step."""
    return rx.match(
        row["kind"],
        ("preview", preview(row)),
        ("rows", _group(row, rx.fragment(_guess(row), rows_control(row)))),
        ("choices", _group(row, several(row))),
        (
            "choice",
            rx.cond(
                rx.Var.create(row["options"]).length() <= _FEW, _group(row, radios(row)), _one(row, pick_list(row))
            ),
        ),
        ("long_text", _one(row, area(row))),
        ("zone", _one(row, zone(row))),
        ("moment", _group(row, moment(row))),
        ("file", _one(row, file_control(row))),
        ("secret", _one(row, secret_control(row))),
        ("act", _group(row, act(row))),
        ("colour", _one(row, colour(row))),
        ("day", _one(row, line(row, type_="date"))),
        ("number", _one(row, line(row, input_mode="decimal"))),
        ("money", _one(row, line(row, input_mode="decimal"))),
        _one(row, line(row)),
    )


def _one(row: FieldRow, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(row["label"], optional(row["is_required"]), html_for=part_id(row["key"])),
        control,
        *_notes(row),
        class_name="bz-field",
        data_kind=row["kind"],
        key=row["key"],
    )


def _group(row: FieldRow, control: rx.Component) -> rx.Component:
    """Draw a field of several controls: its label is a legend."""
    return rx.el.fieldset(
        rx.el.legend(row["label"], optional(row["is_required"])),
        control,
        *_notes(row),
        class_name="bz-field bz-field-group",
        data_kind=row["kind"],
        key=row["key"],
        id=part_id(row["key"]),
        # Reflex takes a fieldset's own `tab_index` for a style.
        custom_attrs=said(row["key"], row["error"]) | {"tabIndex": -1},
    )


def _notes(row: FieldRow) -> list[rx.Component]:
    return [
        hint_of(row["key"], row["hint"]),
        rx.cond(row["kind"] == "rows", rx.fragment(), _guess(row)),
        error_of(row["key"], row["error"]),
    ]


def _guess(row: FieldRow) -> rx.Component:
    """Mark what an agent has proposed, with its reason; of many rows, before them, where it is seen first."""
    return rx.cond(
        row["guess"] != "",
        rx.el.span(
            rx.icon("sparkles", size=14, aria_hidden="true"),
            rx.el.span(rx.el.strong("Suggested. "), row["guess"]),
            id=part_id(row["key"], "guess"),
            class_name="bz-guess",
        ),
    )
