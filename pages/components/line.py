"""Line chart: one measure over time with the band it may lie in, and the same figures as a table behind a switch."""

from __future__ import annotations

import reflex as rx

from pages.components.chart_frame import axis, chart_frame, composed, table_region
from pages.components.values import Text
from state.agent_rows import PointRow


def line(points: list[PointRow], *, title: Text, summary: Text, has_band: bool) -> rx.Component:
    """Draw the line; `summary` says in one sentence what it shows."""
    return chart_frame(
        rx.el.span(rx.el.i(), "Value"),
        rx.cond(has_band, rx.el.span(rx.el.i(data_series="band"), "Likely range")),
        chart=_chart(points, has_band),
        table=_table(points, title),
        summary=summary,
    )


def _chart(points: list[PointRow], has_band: bool) -> rx.Component:
    return composed(
        rx.recharts.y_axis(width=56, domain=["auto", "auto"], **axis()),
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
        data=points,
        x="x",
        right=8,
    )


def _table(points: list[PointRow], title: Text) -> rx.Component:
    head = rx.el.tr(rx.el.th("At", scope="col"), rx.el.th("Value", scope="col", class_name="bz-end"))
    table = rx.el.table(
        rx.el.caption(title, class_name="bz-sr"),
        rx.el.thead(head),
        rx.el.tbody(rx.foreach(points, _row)),
        class_name="bz-table",
    )
    return table_region(table, title)


def _row(point: PointRow) -> rx.Component:
    return rx.el.tr(rx.el.td(point["x"]), rx.el.td(point["text"], class_name="bz-end bz-num"), key=point["key"])
