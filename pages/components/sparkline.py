"""Sparkline: the shape of a few values beside a figure."""

from __future__ import annotations

import reflex as rx


class Sparkline(rx.Component):
    """A line without axes; fewer than two values draw nothing."""

    library = "$/public/jsx/sparkline.jsx"
    tag = "Sparkline"

    values: rx.Var[list[float]]


def sparkline(values: list[float]) -> rx.Component:
    """Draw the line of `values`, oldest first."""
    return Sparkline.create(values=values)
