"""Stat: a figure with its label, its change in words and colour, and its recent shape."""

from __future__ import annotations

import reflex as rx

from pages.components.sparkline import sparkline
from state.rows import StatRow


def stat(row: StatRow) -> rx.Component:
    """Draw one stat as a card."""
    return rx.el.div(
        rx.el.dt(row["label"], class_name="bz-stat-label"),
        rx.el.dd(
            rx.el.div(
                rx.el.span(
                    row["value"],
                    rx.cond(row["unit"] != "", rx.el.span(row["unit"], class_name="bz-stat-unit")),
                    class_name="bz-stat-value bz-num",
                ),
                sparkline(row["series"]),
                class_name="bz-stat-row",
            ),
            rx.el.div(
                _arrow(row), rx.el.span(row["change"]), class_name="bz-stat-change bz-tone", data_tone=row["tone"]
            ),
        ),
        class_name="bz-card bz-stat",
    )


def stat_row(rows: list[StatRow]) -> rx.Component:
    """Draw at most four stats side by side."""
    return rx.el.dl(rx.foreach(rows, stat), class_name="bz-stats", style={"margin": "0"})


def _arrow(row: StatRow) -> rx.Component:
    return rx.match(
        row["direction"],
        ("up", rx.icon("arrow_up_right", size=16, aria_hidden="true")),
        ("down", rx.icon("arrow_down_right", size=16, aria_hidden="true")),
        rx.fragment(),
    )
