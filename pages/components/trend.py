"""Trend chart: two measures by day, with the same figures as a table behind a switch."""

from __future__ import annotations

import reflex as rx

from pages.components.table import Column, data_table
from pages.components.values import Text, digits
from state.rows import TrendRow


def trend(rows: list[TrendRow], summary: Text, *, first: str, second: str) -> rx.Component:
    """Draw `events` as an area and `members` as a dashed line; `summary` says in one sentence what they show."""
    return rx.tabs.root(
        rx.el.div(
            rx.el.div(
                rx.el.span(rx.el.i(), first, ", left scale"),
                rx.el.span(rx.el.i(data_series="2"), second, ", right scale"),
                class_name="bz-legend",
            ),
            rx.tabs.list(rx.tabs.trigger("Chart", value="chart"), rx.tabs.trigger("Table", value="table"), size="2"),
            class_name="bz-toolbar",
        ),
        rx.tabs.content(
            rx.el.figure(
                rx.el.div(_chart(rows, first, second), class_name="bz-chart", aria_hidden="true"),
                rx.el.figcaption(summary, class_name="bz-small bz-muted"),
                style={"margin": "12px 0 0"},
            ),
            value="chart",
        ),
        rx.tabs.content(_table(rows, first, second), value="table"),
        default_value="chart",
    )


def _chart(rows: list[TrendRow], first: str, second: str) -> rx.Component:
    axis = {"tick_line": False, "axis_line": False, "stroke": rx.color("gray", 11)}
    return rx.recharts.composed_chart(
        rx.recharts.cartesian_grid(vertical=False, stroke=rx.color("gray", 5)),
        rx.recharts.x_axis(data_key="label", min_tick_gap=32, **axis),
        rx.recharts.y_axis(y_axis_id="left", width=40, allow_decimals=False, **axis),
        rx.recharts.y_axis(y_axis_id="right", orientation="right", width=32, allow_decimals=False, **axis),
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
        rx.recharts.graphing_tooltip(
            content_style={
                "background": "var(--color-panel-solid)",
                "border": "1px solid var(--gray-5)",
                "borderRadius": "6px",
                "color": "var(--gray-12)",
                "fontSize": "12px",
                "boxShadow": "var(--shadow-3)",
            },
            label_style={"color": "var(--gray-11)"},
        ),
        data=rows,
        custom_attrs={"accessibilityLayer": False},  # the table is the way in by keyboard
        height=260,
        width="100%",
        margin={"top": 12, "right": 0, "bottom": 0, "left": 0},
    )


def _table(rows: list[TrendRow], first: str, second: str) -> rx.Component:
    return rx.el.div(
        data_table(
            rows,
            (
                Column("Day", lambda row: row["label"]),
                Column(first, lambda row: digits(row["events"]), end=True),
                Column(second, lambda row: digits(row["members"]), end=True),
            ),
            caption=f"{first} and {second.lower()} by day",
            key=lambda row: row["day"],
            cards=False,
        ),
        class_name="bz-scroll",
        tab_index=0,
        role="region",
        aria_label=f"{first} and {second.lower()} by day",
    )
