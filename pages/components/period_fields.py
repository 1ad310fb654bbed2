"""Period fields: a period by name, or two dates of one's own, inside a form."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.dialog import Field, field
from state.periods import OWN
from state.showcase_rows import PeriodRow


def period_fields(state: Any) -> rx.Component:
    """Draw the picker of a state that takes `PeriodsState`, and the dates where days of one's own are chosen."""
    return rx.fragment(
        rx.el.div(
            rx.el.label("Period", html_for="field-period"),
            rx.el.div(
                rx.el.select(
                    rx.foreach(state.periods, _option),
                    rx.el.option("Other days", value=OWN),
                    value=state.preset,
                    on_change=state.choose_period,
                    id="field-period",
                    name="period",
                ),
                rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
                class_name="bz-select bz-select-always",
            ),
            class_name="bz-field",
        ),
        rx.cond(
            state.preset == OWN,
            rx.el.div(
                field(state, Field("from", "First day", "date", value=state.first_day)),
                field(state, Field("to", "Last day", "date", value=state.last_day)),
                class_name="bz-field-pair",
            ),
        ),
    )


def _option(row: PeriodRow) -> rx.Component:
    return rx.el.option(row["label"] + ": " + row["text"], value=row["key"])
