"""Table file: a button that takes a text file from the reader's machine."""

from __future__ import annotations

from typing import Any

import reflex as rx


def _taken(data: rx.Var[str], size: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[int]]:
    return (data, size)


class TableFile(rx.Component):
    """The button of `assets/jsx/table_file.jsx`; `on_take` is given the content as base64 and its bytes' count."""

    library = "$/public/jsx/table_file.jsx"
    tag = "TableFile"

    text: rx.Var[str]
    label: rx.Var[str]
    most: rx.Var[int]
    on_take: rx.EventHandler[_taken]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


def table_file(text: str, *, label: Any, most: Any, on_take: Any) -> rx.Component:
    """Draw the button; `label` is its full name for who does not see what it stands beside."""
    return TableFile.create(text=text, label=label, most=most, on_take=on_take)
