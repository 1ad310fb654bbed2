"""Wizard parts: what every control of a wizard says of itself, to eyes and to screen readers."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.values import Text, words

LONGEST: Final = 20_000
"""Characters that a control takes; a longer text is refused at the door."""


def error_of(path: Text, text: Text) -> rx.Component:
    """Draw what is wrong with a control."""
    return rx.cond(
        text != "",
        rx.el.span(
            rx.icon("circle_alert", size=14, aria_hidden="true"),
            text,
            id=part_id(path, "error"),
            class_name="bz-field-error",
        ),
    )


def hint_of(path: Text, text: Text) -> rx.Component:
    """Draw what helps to answer."""
    return rx.cond(text != "", rx.el.span(text, id=part_id(path, "hint"), class_name="bz-field-hint"))


def with_unit(control: rx.Component, path: Text, unit: Text) -> rx.Component:
    """Draw a control with its unit behind it, where it has one."""
    return rx.cond(
        unit != "",
        rx.el.div(
            control, rx.el.span(unit, id=part_id(path, "unit"), class_name="bz-muted bz-num"), class_name="bz-line-unit"
        ),
        control,
    )


def optional(is_required: Any) -> rx.Component:
    """Say of a label that its field may stay empty."""
    return rx.cond(is_required, rx.fragment(), rx.el.span(" (optional)", class_name="bz-muted bz-optional"))


def said(path: Text, error: Text) -> dict[str, Any]:
    """Tie message, unit, hint and an agent's reason to the control for who does not see them."""
    named = [part_id(path, part) for part in ("error", "unit", "hint", "guess")]
    return {
        "aria-describedby": named[0] + " " + named[1] + " " + named[2] + " " + named[3],
        "aria-invalid": rx.cond(error != "", "true", "false"),
    }


def part_id(path: Text, part: str = "control") -> Any:
    """Give the id of a part of a field: its control, unit, hint, message, or the reason of a guess."""
    return "wizard-" + words(path) + "-" + part
