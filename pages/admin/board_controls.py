"""The controls of a board's editor: each with its label, what it is for, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.choice_cards import choice_cards
from pages.components.select import select
from pages.components.values import Text, call, digits
from state.board_editor import BoardEditorState

_STATE = BoardEditorState


def cards(name: str, legend: str, options: list[dict[str, str]], hint: str = "") -> rx.Component:
    """Draw choices that explain themselves with a sentence each."""
    return rx.el.div(
        choice_cards(
            options,
            name=name,
            legend=legend,
            value=_STATE.form[name],  # type: ignore[literal-required]  # one of its names
            on_choose=lambda value: call(_STATE.put, name, value),
        ),
        *([hint_line(name, hint)] if hint else []),
        error_line(name),
        class_name="bz-wide-choices",
    )


def choice(name: str, label: str, options: Any) -> rx.Component:
    """Draw a picker with its label."""
    return rx.el.div(
        rx.el.span(label, class_name="bz-field-label", aria_hidden="true"),
        select(
            options,
            _STATE.form[name],  # type: ignore[literal-required]  # one of its names
            lambda value: call(_STATE.put, name, value),
            label=label,
        ),
        class_name="bz-field",
    )


def text_field(
    name: str, label: str, hint: str, *, longest: int = 40, error: str = "", mode: str = "text", optional: bool = False
) -> rx.Component:
    """Draw a field for text or a number."""
    return rx.el.div(
        rx.el.label(label, *([optional_mark()] if optional else []), html_for=f"field-{name}"),
        text_input(name, error or name, longest=longest, mode=mode),
        hint_line(name, hint),
        error_line(error or name),
        class_name="bz-field",
    )


def text_input(name: str, error: str, *, longest: int = 40, mode: str = "text") -> rx.Component:
    """Draw the control of a text field."""
    return rx.input(
        id=f"field-{name}",
        name=name,
        key=f"{name}-" + digits(_STATE.filling),
        default_value=_STATE.form[name],  # type: ignore[literal-required]  # one of its names
        max_length=longest,
        auto_complete=False,
        on_blur=lambda value: call(_STATE.put, name, value),
        custom_attrs=said(name, error, mode),
    )


def said(name: str, error: str, mode: str) -> dict[str, Any]:
    """Tie hint and error to the control for who does not see them."""
    return {
        "aria-describedby": f"field-{name}-hint error-{error}",
        "aria-invalid": rx.cond(has_error(error), "true", "false"),
        "inputMode": mode,
    }


def optional_mark() -> rx.Component:
    """Mark a label as one that may stay empty."""
    return rx.el.span(" (optional)", class_name="bz-muted bz-optional")


def hint_line(name: str, text: Text) -> rx.Component:
    """Say what a control is for."""
    return rx.el.span(text, id=f"field-{name}-hint", class_name="bz-field-hint")


def error_line(name: str) -> rx.Component:
    """Say what is wrong with a control; nothing while nothing is."""
    return rx.cond(
        has_error(name),
        rx.el.span(
            rx.icon("circle_alert", size=14, aria_hidden="true"),
            _STATE.errors[name],
            id=f"error-{name}",
            class_name="bz-field-error",
            role="alert",
        ),
    )


def has_error(name: str) -> Any:
    """Say whether a control was refused."""
    errors: Any = _STATE.errors
    return errors.contains(name)
