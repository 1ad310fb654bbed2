"""Run steps: what a run in the background has done, does now, and is still to do."""

from __future__ import annotations

import reflex as rx

from state.showcase_rows import StepRow


def run_steps(rows: list[StepRow], *, label: str) -> rx.Component:
    """Draw the steps in their order; whoever shows them also says aloud what goes on."""
    return rx.el.ol(rx.foreach(rows, _step), class_name="bz-steps", aria_label=label)


def _step(row: StepRow) -> rx.Component:
    return rx.el.li(
        rx.match(
            row["status"],
            ("done", rx.icon("circle_check", size=16, aria_hidden="true")),
            ("now", rx.spinner(size="1")),
            rx.icon("circle", size=16, aria_hidden="true"),
        ),
        rx.el.span(row["label"]),
        rx.match(
            row["status"],
            ("done", rx.el.span("done", class_name="bz-sr")),
            ("now", rx.el.span("goes on now", class_name="bz-sr")),
            rx.fragment(),
        ),
        key=row["key"],
        data_status=row["status"],
    )
