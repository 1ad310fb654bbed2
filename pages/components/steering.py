"""Steering what runs by itself: pausing, resuming and ending it, in a table's row and on its own page."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.act import act
from pages.components.confirm import confirm
from pages.components.set_aside import asked_act
from pages.components.values import Text, call, words

KEEP: Final = "Keep it"


def row_steering(state: Any, row: Any, consequence: str) -> rx.Component:
    """Draw the acts that a row's state allows; nothing for one that has ended. Ending it is asked for first.

    `row` has `id`, `name`, `can_pause`, `can_resume` and `can_cancel`, the state the handlers of the same names.
    """
    return rx.cond(
        row["can_cancel"],
        rx.el.div(
            rx.cond(row["can_pause"], act("pause", "Pause " + row["name"], on_click=call(state.pause, row["id"]))),
            rx.cond(row["can_resume"], act("play", "Resume " + row["name"], on_click=call(state.resume, row["id"]))),
            asked_act(
                "circle_x",
                "Cancel",
                row["name"],
                consequence=consequence,
                on_confirm=call(state.cancel, row["id"]),
                cancel=KEEP,
            ),
            class_name="bz-row-acts",
        ),
        rx.fragment(),
    )


def page_steering(state: Any, consequence: Text) -> rx.Component:
    """Draw the acts that the shown campaign's state allows; nothing for one that has ended.

    The state takes `SteeringState`; what it has `shown` is as `row_steering` wants its row.
    """
    shown = state.shown
    return rx.cond(
        shown["can_cancel"],
        rx.el.div(
            rx.cond(
                shown["can_pause"],
                rx.button(
                    rx.icon("pause", size=16, aria_hidden="true"),
                    "Pause",
                    variant="soft",
                    loading=state.is_busy,
                    on_click=state.pause,
                ),
            ),
            rx.cond(
                shown["can_resume"],
                rx.button(
                    rx.icon("play", size=16, aria_hidden="true"), "Resume", loading=state.is_busy, on_click=state.resume
                ),
            ),
            confirm(
                rx.button(
                    rx.icon("circle_x", size=16, aria_hidden="true"),
                    "Cancel campaign",
                    variant="soft",
                    color_scheme="gray",
                ),
                title="Cancel " + words(shown["name"]) + "?",
                consequence=consequence,
                action="Cancel campaign",
                on_confirm=state.cancel,
                cancel=KEEP,
            ),
            class_name="bz-acts",
        ),
    )
