"""Line chart: one measure over time with the band it may lie in, and the same figures as a table behind a switch."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text
from state.agent_rows import PointRow


def line(points: list[PointRow], *, title: Text, summary: Text, has_band: bool) -> rx.Component:
    """Draw the line; `summary` says in one sentence what it shows."""
    return rx.tabs.root(
        rx.el.div(
            rx.el.div(
                rx.el.span(rx.el.i(), "Value"),
                rx.cond(has_band, rx.el.span(rx.el.i(data_series="band"), "Likely range")),
                class_name="bz-legend",
            ),
            rx.tabs.list(rx.tabs.trigger("Chart", value="chart"), rx.tabs.trigger("Table", value="table"), size="2"),
            class_name="bz-toolbar",
        ),
        rx.tabs.content(
            rx.el.figure(
                rx.el.div(_chart(points, has_band), class_name="bz-chart", aria_hidden="true"),
                rx.el.figcaption(summary, class_name="bz-small bz-muted"),
                style={"margin": "12px 0 0"},
            ),
            value="chart",
        ),
        rx.tabs.content(_table(points, title), value="table"),
        default_value="chart",
    )


def _chart(points: list[PointRow], has_band: bool) -> rx.Component:
    axis = {"tick_line": False, "axis_line": False, "stroke": rx.color("gray", 11)}
    return rx.recharts.composed_chart(
        rx.recharts.cartesian_grid(vertical=False, stroke=rx.color("gray", 5)),
        rx.recharts.x_axis(data_key="x", min_tick_gap=32, **axis),
        rx.recharts.y_axis(width=56, domain=["auto", "auto"], **axis),
        rx.cond(
            has_band,
            rx.recharts.area(
                data_key="band",
                name="Likely range",
                type_="linear",
                stroke="none",
                fill=rx.color("accent", 4, alpha=True),
                is_animation_active=False,
                dot=False,
                active_dot=False,
            ),
        ),
        rx.recharts.line(
            data_key="y",
            name="Value",
            type_="linear",
            stroke=rx.color("accent", 9),
            stroke_width=2,
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
        data=points,
        custom_attrs={"accessibilityLayer": False},  # the table is the way in by keyboard
        height=260,
        width="100%",
        margin={"top": 12, "right": 8, "bottom": 0, "left": 0},
    )


def _table(points: list[PointRow], title: Text) -> rx.Component:
    head = rx.el.tr(rx.el.th("At", scope="col"), rx.el.th("Value", scope="col", class_name="bz-end"))
    return rx.el.div(
        rx.el.table(
            rx.el.caption(title, class_name="bz-sr"),
            rx.el.thead(head),
            rx.el.tbody(rx.foreach(points, _row)),
            class_name="bz-table",
        ),
        class_name="bz-scroll",
        tab_index=0,
        role="region",
        aria_label=title,
    )


def _row(point: PointRow) -> rx.Component:
    return rx.el.tr(rx.el.td(point["x"]), rx.el.td(point["text"], class_name="bz-end bz-num"), key=point["key"])
