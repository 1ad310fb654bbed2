"""Facts: figures with their labels, side by side."""

from __future__ import annotations

import reflex as rx

from state.agent_rows import FactRow


def facts(rows: list[FactRow], *, short: bool = False) -> rx.Component:
    """Draw the figures in a grid, as many a line as fit; `short` ones need less room."""
    return rx.el.dl(rx.foreach(rows, _fact), class_name="bz-facts bz-usage" if short else "bz-facts")


def fact_list(rows: list[FactRow]) -> rx.Component:
    """Draw the figures one a line."""
    return rx.el.dl(
        rx.foreach(rows, lambda row: rx.fragment(rx.el.dt(row["label"]), rx.el.dd(row["value"]), key=row["key"])),
        class_name="bz-kv",
    )


def _fact(row: FactRow) -> rx.Component:
    return rx.el.div(rx.el.dt(row["label"]), rx.el.dd(row["value"], class_name="bz-num"), key=row["key"])
