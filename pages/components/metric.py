"""Metric: a rate with its target, whether it is met, and its change against the period before."""

from __future__ import annotations

import reflex as rx

from pages.components.badge import badge
from state.overview_rows import MetricRow


def metric_row(rows: list[MetricRow]) -> rx.Component:
    """Draw at most four metrics side by side."""
    return rx.el.dl(rx.foreach(rows, metric), class_name="bz-stats", style={"margin": "0"})


def metric(row: MetricRow) -> rx.Component:
    """Draw one metric as a card."""
    return rx.el.div(
        rx.el.dt(row["label"], class_name="bz-stat-label"),
        rx.el.dd(metric_body(row)),
        key=row["key"],
        class_name="bz-card bz-stat",
    )


def metric_body(row: MetricRow) -> rx.Component:
    """Draw the figure, its bar from nothing to all with the mark of its target, and the words."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                row["value"],
                rx.cond(row["unit"] != "", rx.el.span(row["unit"], class_name="bz-stat-unit")),
                class_name="bz-stat-value bz-num",
            ),
            badge(row["verdict"], row["verdict_tone"]),
            class_name="bz-stat-row bz-metric-row",
        ),
        rx.el.div(
            rx.el.span(style={"width": row["fill"]}, data_tone=row["verdict_tone"]),
            rx.el.i(style={"insetInlineStart": row["mark"]}),
            class_name="bz-metric-bar",
            aria_hidden="true",
        ),
        rx.el.div(rx.el.span(row["target"], class_name="bz-strong"), " ", row["basis"], class_name="bz-metric-basis"),
        rx.el.div(
            rx.match(
                row["direction"],
                ("up", rx.icon("arrow_up_right", size=16, aria_hidden="true")),
                ("down", rx.icon("arrow_down_right", size=16, aria_hidden="true")),
                rx.fragment(),
            ),
            rx.el.span(row["change"]),
            class_name="bz-stat-change bz-tone",
            data_tone=row["tone"],
        ),
        class_name="bz-metric",
    )
