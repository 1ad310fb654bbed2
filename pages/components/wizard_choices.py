"""Wizard choices: one of a few, one of many, or several."""

from __future__ import annotations

import reflex as rx

from pages.components.account_form import connect_button
from pages.components.empty import empty_state
from pages.components.values import call
from pages.components.wizard_parts import part_id, said
from state.wizard import WizardState
from state.wizard_rows import FieldRow, OptionRow


def pick_list(row: FieldRow) -> rx.Component:
    """Draw many choices in the browser's own picker."""
    return rx.el.div(
        rx.el.select(
            rx.el.option("Choose", value=""),
            rx.foreach(row["options"], lambda item: rx.el.option(item["label"], value=item["value"])),
            name=row["key"],
            id=part_id(row["key"]),
            default_value=row["text"],
            key=row["filling"],
            on_change=lambda value: call(WizardState.save_field, row["key"], value),
            custom_attrs=said(row["key"], row["error"]),
        ),
        rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
        class_name="bz-select bz-select-always bz-select-wide",
    )


def radios(row: FieldRow) -> rx.Component:
    """Draw a few choices, one of which holds."""
    return rx.el.div(
        rx.foreach(row["options"], lambda item: _radio(row, item)), class_name="bz-options", key=row["filling"]
    )


def _radio(row: FieldRow, item: OptionRow) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=row["key"],
            value=item["value"],
            default_checked=item["is_on"],
            on_change=call(WizardState.save_field, row["key"], item["value"]),
            custom_attrs=said(row["key"], row["error"]),
        ),
        _meaning(item),
        class_name="bz-wz-option",
        key=item["value"],
    )


def several(row: FieldRow) -> rx.Component:
    """Draw choices of which several may hold, and the way to more of them where it is here."""
    return rx.fragment(
        chips(row),
        rx.cond(
            row["adds"] == "social_account",
            rx.cond(
                rx.Var.create(row["options"]).length() == 0,
                empty_state(
                    "share_2",
                    "No account connected yet",
                    "A campaign posts to accounts of yours, such as one on Mastodon, LinkedIn or X.",
                    connect_button(),
                ),
                rx.el.div(connect_button()),
            ),
        ),
    )


def chips(row: FieldRow) -> rx.Component:
    """Draw choices of which several may hold."""
    return rx.el.div(
        rx.foreach(
            row["options"],
            lambda item: rx.el.label(
                rx.el.input(
                    type="checkbox",
                    value=item["value"],
                    default_checked=item["is_on"],
                    on_change=call(WizardState.toggle, row["key"], item["value"]),
                    custom_attrs=said(row["key"], row["error"]),
                ),
                _meaning(item),
                class_name="bz-wz-option",
                key=item["value"],
            ),
        ),
        class_name="bz-options",
        key=row["filling"],
    )


def _meaning(item: OptionRow) -> rx.Component:
    return rx.el.span(
        rx.el.span(item["label"], class_name="bz-strong"),
        rx.cond(item["hint"] != "", rx.el.span(item["hint"], class_name="bz-small bz-muted")),
        class_name="bz-wz-option-text",
    )
