"""Controls of the rule builder: words of a sentence that are chosen or typed."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.values import Text, words
from state.rule_changes import LONGEST_TEXT

_PAUSE: Final = 400
"""Milliseconds without a keystroke after which what was typed is taken."""


def word(choices: Any, value: Text, on_change: Any, *, label: str, row: Any = None, name: str = "") -> rx.Component:
    """Draw a word that is chosen; with a condition's `row` it is marked when the error is about its `name`."""
    options = (
        [rx.el.option(choice["label"], value=choice["value"]) for choice in choices]
        if isinstance(choices, list)
        else [rx.foreach(choices, lambda choice: rx.el.option(choice["label"], value=choice["value"]))]
    )
    attrs = {} if row is None else _marks(row["wrong"] == name, row["id"])
    return rx.el.span(
        rx.el.select(*options, value=value, on_change=on_change, aria_label=label, custom_attrs=attrs),
        rx.icon("chevron_down", size=14, aria_hidden="true"),
        class_name="bz-word",
    )


def words_input(
    row_id: Text, name: str, value: Text, on_change: Any, *, label: str, is_wrong: Any, numeric: bool = False
) -> rx.Component:
    """Draw a word that is typed: `on_change(row_id, name, text)` is sent as one pauses or goes on to something else."""
    return rx.el.input(
        type="text",
        name="rule." + words(row_id) + f".{name}",
        default_value=value,
        max_length=LONGEST_TEXT,
        on_change=lambda text: on_change.debounce(_PAUSE)(row_id, name, text),
        on_blur=lambda text: on_change(row_id, name, text),
        aria_label=label,
        auto_complete="off",
        class_name="bz-word-input",
        data_numeric="true" if numeric else "false",
        custom_attrs=_marks(is_wrong, row_id) | ({"inputMode": "decimal"} if numeric else {}),
    )


def error_line(text: Text, id_: Any) -> rx.Component:
    """Draw what is wrong, where something is."""
    return rx.el.div(
        rx.cond(
            words(text) != "",
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"), text, class_name="bz-field-error", role="alert"
            ),
        ),
        id=id_,
    )


def add_button(label: str, on_click: Any, *, icon: str = "plus", **props: Any) -> rx.Component:
    """Draw the button that adds a row."""
    return rx.el.button(
        rx.icon(icon, size=14, aria_hidden="true"),
        label,
        type="button",
        on_click=on_click,
        class_name="bz-rule-add",
        **props,
    )


def _marks(is_wrong: Any, row_id: Text) -> dict[str, Any]:
    return {
        "aria-invalid": rx.cond(is_wrong, "true", "false"),
        "aria-describedby": "error-" + words(row_id),
    }
