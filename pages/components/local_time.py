"""Local time: a UTC moment in the reader's own time zone and language."""

from __future__ import annotations

from typing import Literal

import reflex as rx

from pages.components.values import Text


class LocalTime(rx.Component):
    """A `<time>` element; `value` is RFC 3339 UTC, an empty value draws a dash."""

    library = "$/public/jsx/local_time.jsx"
    tag = "LocalTime"

    value: rx.Var[str]
    format: rx.Var[str]


def local_time(value: Text, format_: Literal["relative", "clock", "date", "datetime"] = "relative") -> rx.Component:
    """Draw a moment: "3 minutes ago" (kept up to date), a clock time, a date, or both."""
    return LocalTime.create(value=value, format=format_)
