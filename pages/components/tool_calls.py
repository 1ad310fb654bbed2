"""Tool calls: what an agent asked for and what came back, each behind a disclosure."""

from __future__ import annotations

import reflex as rx

from state.agent_rows import CallRow


def tool_calls(rows: list[CallRow]) -> rx.Component:
    """Draw the calls in their order."""
    return rx.el.ol(rx.foreach(rows, _call), class_name="bz-calls")


def _call(row: CallRow) -> rx.Component:
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                rx.cond(
                    row["error"] != "",
                    rx.icon("circle_alert", size=16, aria_hidden="true", class_name="bz-call-bad"),
                    rx.icon("circle_check", size=16, aria_hidden="true", class_name="bz-call-good"),
                ),
                rx.el.span(row["tool"], class_name="bz-strong bz-call-name"),
                rx.el.span(row["by"], class_name="bz-small bz-muted bz-call-by"),
                rx.el.span(row["took"], class_name="bz-small bz-muted bz-num"),
                rx.icon("chevron_down", size=16, aria_hidden="true", class_name="bz-call-open"),
            ),
            rx.el.div(
                rx.cond(row["error"] != "", rx.el.p(row["error"])),
                _json("Arguments", row["arguments"]),
                rx.cond(row["result"] != "", _json("Result", row["result"])),
                class_name="bz-call-body",
            ),
        ),
        key=row["key"],
    )


def _json(label: str, text: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(label, class_name="bz-small bz-muted"),
        rx.el.pre(text, tab_index=0, aria_label=label),
    )
