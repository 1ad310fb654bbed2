"""Funnel chart: how many came how far, with the same figures as a table behind a switch."""

from __future__ import annotations

import reflex as rx

from pages.components.chart_frame import chart_frame, table_region
from pages.components.table import Column, data_table
from pages.components.values import Text, digits
from state.referral_rows import FunnelRow


def funnel(rows: list[FunnelRow], summary: Text, *, caption: str) -> rx.Component:
    """Draw each step as a bar of the widest one's length; `summary` says in one sentence what they show."""
    return chart_frame(
        chart=rx.el.div(rx.foreach(rows, _step), class_name="bz-funnel"), table=_table(rows, caption), summary=summary
    )


def _step(row: FunnelRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["label"], class_name="bz-funnel-name"),
        rx.el.span(row["count"], class_name="bz-funnel-count bz-num"),
        rx.el.span(row["rate"], class_name="bz-funnel-rate bz-num"),
        rx.el.span(
            rx.el.span(
                style={"width": digits(row["share"]) + "%"}, data_step=row["key"], data_none=row["count"] == "0"
            ),
            class_name="bz-funnel-track",
        ),
        key=row["key"],
        class_name="bz-funnel-step",
    )


def _table(rows: list[FunnelRow], caption: str) -> rx.Component:
    table = data_table(
        rows,
        (
            Column("Step", lambda row: row["label"]),
            Column("Number", lambda row: row["count"], end=True),
            Column("Share", lambda row: rx.cond(row["rate"] != "", row["rate"], "\N{EN DASH}"), end=True),
        ),
        caption=caption,
        key=lambda row: row["key"],
        cards=False,
    )
    return table_region(table, caption)
