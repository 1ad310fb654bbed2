"""Zone field: a time zone that is searched as one writes, with the time there."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def _left(text: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (text,)


class ZoneField(rx.Component):
    """The field of `assets/jsx/zone_field.jsx`; `on_leave` is given what was written."""

    library = "$/public/jsx/zone_field.jsx"
    tag = "ZoneField"

    value: rx.Var[str]
    hint: rx.Var[str]
    error: rx.Var[str]
    name: rx.Var[str]
    on_leave: rx.EventHandler[_left]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


def zone_field(name: Text, value: Any, *, id_: str, hint: Text, error: Any, **events: Any) -> rx.Component:
    """Draw the field; its label names `id_`, what is wrong with it stands beside it as `<id_>-error`."""
    return ZoneField.create(id=id_, name=name, value=value, hint=hint, error=error, **events)
