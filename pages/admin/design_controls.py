"""Controls of the designer: each tied to its label, its hint and what is wrong with it."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.values import Text
from state.designer import DesignerState

_PAUSE: Final = 350
"""Milliseconds without a keystroke after which a field is taken."""
_CONTROLS: Final = {"limits": "max_per_day", "starts_at": "starts_on", "ends_at": "ends_on"}
"""Controls that are not named as the gateway's field is."""
_FIELDS: Final = {control: name for name, control in _CONTROLS.items()}


def field(label: str, name: str, control: rx.Component, *, hint: str = "", optional: bool = False) -> rx.Component:
    """Draw a control with its label, hint and error; `name` is that of the gateway's field."""
    return rx.el.div(
        rx.el.label(
            label,
            *([rx.el.span(" (optional)", class_name="bz-muted bz-optional")] if optional else []),
            html_for=f"design-{_CONTROLS.get(name, name)}",
        ),
        control,
        *([rx.el.span(hint, id=f"design-{name}-hint", class_name="bz-field-hint")] if hint else []),
        error(name),
        class_name="bz-field",
    )


def error(name: str) -> rx.Component:
    """Draw what is wrong with a field, where something is."""
    return rx.el.span(
        rx.cond(
            _has_error(name),
            rx.fragment(rx.icon("circle_alert", size=14, aria_hidden="true"), DesignerState.errors[name]),
        ),
        id=f"design-{name}-error",
        class_name="bz-field-error",
        role="alert",
    )


def _has_error(name: str) -> Any:
    errors: Any = DesignerState.errors
    return errors.contains(name)


def line(name: str, *, numeric: bool = False, **props: Any) -> rx.Component:
    """Draw a field of one line."""
    return rx.input(
        default_value=_value(name),
        **({"max_length": 20} if numeric else {}) | props,
        **typed(name, numeric=numeric),
    )


def day(name: str) -> rx.Component:
    """Draw a field for a day."""
    return rx.input(type="date", default_value=_value(name), **typed(name))


def _value(name: str) -> Any:
    draft: Any = DesignerState.draft
    return draft[name]


def typed(name: str, *, numeric: bool = False) -> dict[str, Any]:
    """Give what every field that is typed into has: it is sent as one pauses or goes on."""
    told = _FIELDS.get(name, name)
    change: Any = DesignerState.change_text
    return {
        "id": f"design-{name}",
        "name": name,
        "auto_complete": "off",
        "on_change": lambda text: change.debounce(_PAUSE)(name, text),
        "on_blur": lambda text: change(name, text),
        "custom_attrs": {
            "aria-describedby": f"design-{told}-error design-{told}-hint",
            "aria-invalid": rx.cond(_has_error(told), "true", "false"),
            **({"inputMode": "decimal"} if numeric else {}),
        },
    }


def picked(name: str, choices: Any) -> rx.Component:
    """Draw a field whose value is picked."""
    change: Any = DesignerState.change_text
    options = (
        [rx.el.option(choice["label"], value=choice["value"]) for choice in choices]
        if isinstance(choices, list)
        else [rx.foreach(choices, lambda choice: rx.el.option(choice["label"], value=choice["value"]))]
    )
    return rx.el.div(
        rx.el.select(
            *options,
            value=_value(name),
            on_change=lambda value: change(name, value),
            id=f"design-{name}",
            name=name,
            custom_attrs={"aria-describedby": f"design-{name}-error"},
        ),
        rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
        class_name="bz-select bz-select-always",
    )


def switch(name: str, label: Text, hint: Text) -> rx.Component:
    """Draw a switch."""
    change: Any = DesignerState.change_switch
    return rx.el.div(
        rx.el.label(
            rx.switch(checked=_value(name), on_change=lambda is_on: change(name, is_on)),
            label,
            class_name="bz-check",
        ),
        rx.el.span(hint, class_name="bz-field-hint"),
        class_name="bz-field",
    )
