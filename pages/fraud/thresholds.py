"""The thresholds: one pair for all programmes, or each programme its own."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.dialog import Field, form_dialog
from pages.components.empty import empty_state
from pages.components.skeleton import skeleton_rows
from pages.components.values import call, words
from state.fraud_rows import ScaleRow
from state.fraud_thresholds import FraudThresholdsState as State

_REVIEW_HINT: Final = "From this score a person decides, from 1 to 101."
_BLOCK_HINT: Final = "From this score the engine rejects by itself; 101 never does."


def thresholds() -> rx.Component:
    """Draw the choice in force, with the ways to change it."""
    return rx.fragment(
        card(
            area(
                State,
                rx.el.div(_for_all(), _by_program(), class_name="bz-scales"),
                loading=skeleton_rows(2),
                empty=empty_state("sliders_horizontal", "No programmes", "Thresholds belong to referral programmes."),
                retry=State.load,
                framed=False,
            ),
            title="Thresholds",
            hint="From which score a person looks, and from which the engine rejects. Changes count from the next "
            "conversion on.",
            flush=True,
        ),
        _dialog_for_all(),
        _dialog_of_program(),
    )


def _for_all() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span("All programmes", class_name="bz-strong"),
            rx.el.span(
                rx.cond(State.is_one_for_all, State.own_text, "Each programme has its own"),
                class_name="bz-small bz-muted",
            ),
            class_name="bz-cell-text",
        ),
        rx.el.div(
            rx.cond(State.is_one_for_all, _give_back()),
            rx.button(
                rx.cond(State.is_one_for_all, "Change", "Set one for all"),
                variant="soft",
                on_click=call(State.open_dialog, "for_all"),
            ),
            class_name="bz-acts",
        ),
        class_name="bz-scale",
    )


def _give_back() -> rx.Component:
    return confirm(
        rx.button("Use each programme's own", variant="soft", color_scheme="gray"),
        title="Use each programme's own thresholds?",
        consequence="The pair for all programmes ends, and each programme's own counts from the next conversion on.",
        action="Use their own",
        on_confirm=State.leave_to_programs,
        danger=False,
    )


def _by_program() -> rx.Component:
    return rx.el.ul(rx.foreach(State.programs, _program), class_name="bz-scale-list", aria_label="Programmes")


def _program(row: ScaleRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row["name"], class_name="bz-strong"),
            rx.el.span(row["text"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        rx.cond(
            State.is_one_for_all & row["is_checked"],
            badge("Not in force"),
            rx.cond(
                row["is_checked"],
                rx.button(
                    "Change",
                    variant="soft",
                    color_scheme="gray",
                    aria_label="Change the thresholds of " + row["name"],
                    on_click=call(State.open_program, row["id"]),
                ),
            ),
        ),
        key=row["id"],
        class_name="bz-scale",
    )


def _fields(review: Any, block: Any) -> tuple[Field, ...]:
    return (
        Field("review_threshold", "Review from", "number", _REVIEW_HINT, value=review, max_length=3),
        Field("block_threshold", "Reject from", "number", _BLOCK_HINT, value=block, max_length=3),
    )


def _dialog_for_all() -> rx.Component:
    return form_dialog(
        State,
        "for_all",
        title="One pair of thresholds for all programmes",
        text="It goes before each programme's own. What was judged already stays as it is.",
        fields=_fields(State.own_review, State.own_block),
        submit_label="Save for all programmes",
        on_submit=State.choose_for_all,
    )


def _dialog_of_program() -> rx.Component:
    chosen: Any = State.chosen_program
    return form_dialog(
        State,
        "program",
        title="Thresholds of " + words(chosen["name"]),
        text="What was judged already stays as it is.",
        fields=_fields(chosen["review"], chosen["block"]),
        submit_label="Save for this programme",
        on_submit=State.change_program,
    )
