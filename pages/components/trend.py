"""Trend chart: two measures by day, with the same figures as a table behind a switch."""

from __future__ import annotations

import reflex as rx

from pages.components.chart_frame import axis, chart_frame, composed, table_region
from pages.components.table import Column, data_table
from pages.components.values import Text, digits
from state.rows import TrendRow


def trend(rows: list[TrendRow], summary: Text, *, first: str, second: str) -> rx.Component:
    """Draw `events` as an area and `members` as a dashed line; `summary` says in one sentence what they show."""
    return chart_frame(
        rx.el.span(rx.el.i(), first, ", left scale"),
        rx.el.span(rx.el.i(data_series="2"), second, ", right scale"),
        chart=_chart(rows, first, second),
        table=_table(rows, first, second),
        summary=summary,
    )


def _chart(rows: list[TrendRow], first: str, second: str) -> rx.Component:
    return composed(
        rx.recharts.y_axis(y_axis_id="left", width=40, allow_decimals=False, **axis()),
        rx.recharts.y_axis(y_axis_id="right", orientation="right", width=32, allow_decimals=False, **axis()),
        rx.recharts.area(
            data_key="events",
            name=first,
            y_axis_id="left",
            type_="linear",
            stroke=rx.color("accent", 9),
            stroke_width=2,
            fill=rx.color("accent", 3, alpha=True),
            is_animation_active=False,
            dot=False,
        ),
        rx.recharts.line(
            data_key="members",
            name=second,
            y_axis_id="right",
            type_="linear",
            stroke=rx.color("gray", 11),
            stroke_width=2,
            stroke_dasharray="4 4",
            is_animation_active=False,
            dot=False,
        ),
        data=rows,
        x="label",
    )


def _table(rows: list[TrendRow], first: str, second: str) -> rx.Component:
    caption = f"{first} and {second.lower()} by day"
    table = data_table(
        rows,
        (
            Column("Day", lambda row: row["label"]),
            Column(first, lambda row: digits(row["events"]), end=True),
            Column(second, lambda row: digits(row["members"]), end=True),
        ),
        caption=caption,
        key=lambda row: row["day"],
        cards=False,
    )
    return table_region(table, caption)
