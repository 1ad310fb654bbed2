"""Stepper: the steps of a wizard on top, each a way back to it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text, call, digits
from state.wizard_rows import StepRow


def stepper(rows: list[StepRow], *, number: int, on_go: Any) -> rx.Component:
    """Draw the steps; on a phone only the present one is named. `on_go` is given a step's key."""
    total = rx.Var.create(rows).length()
    return rx.el.nav(
        rx.el.ol(rx.foreach(rows, lambda row: _step(row, on_go)), class_name="bz-stepper"),
        rx.el.p("Step ", digits(number), " of ", digits(total), class_name="bz-small bz-muted bz-num bz-stepper-count"),
        aria_label="Steps",
    )


def _step(row: StepRow, on_go: Any) -> rx.Component:
    is_here = row["state"] == "current"
    return rx.el.li(
        rx.el.button(
            rx.el.span(_mark(row), class_name="bz-step-mark", aria_hidden="true"),
            rx.el.span(row["title"], rx.el.span(_said(row), class_name="bz-sr"), class_name="bz-step-title"),
            type="button",
            on_click=call(on_go, row["key"]),
            disabled=row["state"] == "ahead",
            custom_attrs={"aria-current": rx.cond(is_here, "step", "false")},
        ),
        key=row["key"],
        data_state=row["state"],
    )


def _mark(row: StepRow) -> rx.Component:
    return rx.match(
        row["state"],
        ("done", rx.icon("check", size=14)),
        ("wrong", rx.icon("triangle_alert", size=14)),
        rx.el.span(row["number"], class_name="bz-num"),
    )


def _said(row: StepRow) -> Text:
    return rx.Var.create(", ") + rx.Var.create(row["state_label"])
