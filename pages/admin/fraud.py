"""Fraud: conversions that wait for a person, the case that is open, and from which score anybody is asked."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.dialog import Field, form_dialog
from pages.components.empty import empty_state
from pages.components.key_map import key_map
from pages.components.segmented import picker
from pages.components.skeleton import skeleton, skeleton_rows, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import call, count
from pages.fraud.case import case
from pages.fraud.queue import SHOWN, queue
from pages.fraud.thresholds import thresholds
from pages.shell import shell
from state.fraud_desk import LONGEST_NOTE, FraudDeskState

KEYS: Final = {
    "a": "approve",
    "r": "reject",
    "n": "note",
    "j": "next",
    "k": "previous",
    "ArrowDown": "next",
    "ArrowUp": "previous",
}


def fraud() -> rx.Component:
    """Draw the review desk."""
    return shell(
        "Fraud",
        "Conversions that the engine was not sure about: you decide, and it learns from it.",
        rx.cond(count(FraudDeskState.stats) > 0, stat_row(FraudDeskState.stats), skeleton_stats(4)),
        key_map(
            rx.el.div(
                picker(
                    SHOWN,
                    FraudDeskState.shown,
                    lambda value: call(FraudDeskState.choose_shown, value),
                    label="Which conversions",
                ),
                class_name="bz-toolbar bz-desk-choice",
            ),
            area(
                FraudDeskState,
                rx.el.div(
                    queue(), case(), class_name="bz-desk", data_open=rx.cond(FraudDeskState.is_open, "true", "false")
                ),
                loading=_loading(),
                empty=_empty(),
                retry=FraudDeskState.reload,
            ),
            keys=KEYS,
            subject=FraudDeskState.case["id"],
            on_press=FraudDeskState.press,
        ),
        thresholds(),
        _note(),
        _reject(),
        path="/admin/fraud",
    )


def _loading() -> rx.Component:
    return rx.el.div(
        card(skeleton_rows(6), flush=True, class_name="bz-desk-list"),
        card(skeleton("60%", "28px"), skeleton("100%", "96px"), skeleton_rows(3), class_name="bz-desk-case"),
        class_name="bz-desk",
        data_open="false",
    )


def _empty() -> rx.Component:
    return rx.match(
        FraudDeskState.shown,
        (
            "decided",
            empty_state("history", "Nothing decided yet", "Each decision stays here with who made it, when and why."),
        ),
        (
            "blocked",
            empty_state(
                "shield_x",
                "Nothing rejected",
                "What scores above the reject threshold comes here; you may overrule it.",
            ),
        ),
        empty_state(
            "shield_check",
            "Nothing waits for you",
            "A conversion that the engine is not sure about appears here by itself, with its reasons.",
            rx.button("See what was decided", variant="soft", on_click=call(FraudDeskState.choose_shown, "decided")),
        ),
    )


def _note() -> rx.Component:
    return form_dialog(
        FraudDeskState,
        "note",
        title="Note for this decision",
        text="It is kept with the decision that you make next, for whoever asks later.",
        fields=(Field("note", "Note", "area", value=FraudDeskState.note, max_length=LONGEST_NOTE),),
        submit_label="Keep note",
        on_submit=FraudDeskState.write_note,
    )


def _reject() -> rx.Component:
    return form_dialog(
        FraudDeskState,
        "reject",
        title="Reject this conversion?",
        text=FraudDeskState.case["reject_effect"],
        fields=(Field("note", "Why", "area", "For whoever asks later.", FraudDeskState.note, max_length=LONGEST_NOTE),),
        submit_label="Reject conversion",
        on_submit=FraudDeskState.reject,
        danger=True,
    )
