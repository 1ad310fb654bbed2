"""The frame of a chart: its legend, the chart with a sentence under it, and the same figures as a table."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def chart_frame(*legend: rx.Component, chart: rx.Component, table: rx.Component, summary: Text) -> rx.Component:
    """Put chart and table behind a switch; `summary` says in one sentence what they show."""
    return rx.tabs.root(
        rx.el.div(
            rx.el.div(*legend, class_name="bz-legend"),
            rx.tabs.list(rx.tabs.trigger("Chart", value="chart"), rx.tabs.trigger("Table", value="table"), size="2"),
            class_name="bz-toolbar",
        ),
        rx.tabs.content(
            rx.el.figure(
                rx.el.div(chart, class_name="bz-chart", aria_hidden="true"),
                rx.el.figcaption(summary, class_name="bz-small bz-muted"),
                style={"margin": "12px 0 0"},
            ),
            value="chart",
        ),
        rx.tabs.content(table, value="table"),
        default_value="chart",
    )


def table_region(table: rx.Component, label: Text) -> rx.Component:
    """Let a wide table of figures be scrolled, by keyboard as well."""
    return rx.el.div(table, class_name="bz-scroll", tab_index=0, role="region", aria_label=label)


def composed(*marks: rx.Component, data: Any, x: str, right: int = 0) -> rx.Component:
    """Draw marks over a grid with a tooltip; `x` names the field along the axis, `right` is a margin in pixels."""
    return rx.recharts.composed_chart(
        rx.recharts.cartesian_grid(vertical=False, stroke=rx.color("gray", 5)),
        rx.recharts.x_axis(data_key=x, min_tick_gap=32, **axis()),
        *marks,
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
        data=data,
        custom_attrs={"accessibilityLayer": False},  # the table is the way in by keyboard
        height=260,
        width="100%",
        margin={"top": 12, "right": right, "bottom": 0, "left": 0},
    )


def axis() -> dict[str, Any]:
    """Give how an axis looks."""
    return {"tick_line": False, "axis_line": False, "stroke": rx.color("gray", 11)}
