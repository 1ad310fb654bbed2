"""Measures: up to four of them by day, chosen above the chart, with the same figures as a table behind a switch."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.chart_frame import chart_frame, table_region
from pages.components.values import Text, call
from state.overview_rows import MeasureRow, PointRow, SeriesRow


class MeasuresChart(rx.Component):
    """The lines of `assets/jsx/measures_chart.jsx`; what draws them is loaded after the page."""

    library = "$/public/jsx/measures_chart.jsx"
    tag = "MeasuresChart"
    lib_dependencies: list[str] = ["recharts@3.10.1"]

    points: rx.Var[list[PointRow]]
    series: rx.Var[list[SeriesRow]]


def measure_picker(rows: list[MeasureRow], on_toggle: Any) -> rx.Component:
    """Draw a switch for each measure; `on_toggle` is given its key."""
    return rx.el.div(
        rx.foreach(
            rows,
            lambda row: rx.el.button(
                row["label"],
                type="button",
                aria_pressed=rx.cond(row["is_shown"], "true", "false"),
                disabled=row["is_full"],
                on_click=call(on_toggle, row["key"]),
                class_name="bz-chip",
                key=row["key"],
            ),
        ),
        role="group",
        aria_label="Measures in the chart, four at most",
        class_name="bz-chips",
    )


def measures(points: list[PointRow], series: list[SeriesRow], summary: Text) -> rx.Component:
    """Draw the lines, each on its own scale with its peak beside its name, so that small figures are not flat."""
    return chart_frame(
        rx.foreach(series, _legend),
        chart=MeasuresChart.create(points=points, series=series),
        table=_table(points, series),
        summary=summary,
    )


def _legend(row: SeriesRow) -> rx.Component:
    return rx.el.span(
        rx.el.i(data_line=row["slot"]),
        row["label"],
        rx.el.span(row["peak"], class_name="bz-muted bz-num"),
        key=row["key"],
    )


def _table(points: list[PointRow], series: list[SeriesRow]) -> rx.Component:
    table = rx.el.table(
        rx.el.caption("The measures by day", class_name="bz-sr"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Day", scope="col"),
                rx.foreach(
                    series, lambda row: rx.el.th(row["label"], scope="col", class_name="bz-end", key=row["key"])
                ),
            )
        ),
        rx.el.tbody(
            rx.foreach(
                points,
                lambda row: rx.el.tr(
                    rx.el.th(row["label"], scope="row"),
                    rx.foreach(row["cells"], lambda cell: rx.el.td(cell, class_name="bz-end bz-num")),
                    key=row["day"],
                ),
            )
        ),
        class_name="bz-table bz-chart-table",
    )
    return table_region(table, "The measures by day")
