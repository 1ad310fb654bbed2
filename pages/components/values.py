"""Values: what a component may be given, and the two changes of form that they need.

A type checker sees the vars of a state class as the plain types that they hold (`list[RankRow]`, `int`), so components
take those types; when a page is drawn they are Reflex vars, and anything but passing them on goes through this file.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

Text = str | rx.Var[Any]
"""Words given when the app is built, or read from a state when it runs."""


def digits(value: int | rx.Var[Any]) -> rx.vars.StringVar:
    """Give a whole number as text."""
    return rx.Var.create(value).to(int).to_string()


def words(value: Text) -> rx.vars.StringVar:
    """Give text as a var, so that it can be joined with other text."""
    return rx.Var.create(value).to(str)


def count(rows: object) -> rx.vars.NumberVar[int]:
    """Give the number of rows in a list."""
    return rx.Var.create(rows).to(list).length()


def call(handler: Any, *given: Any) -> Any:
    """Give the event that calls a handler with arguments; Reflex's decorator hides from a type checker that it can."""
    return handler(*given)
