"""The dialogs that have a showcase written, the first time and again."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.dialog import Field, form_dialog
from pages.components.period_fields import period_fields
from pages.components.values import Text, words
from state.portfolio import PortfolioState


def generate_dialog() -> rx.Component:
    """Draw the dialog: template, period, title, and whether to publish at once."""
    return form_dialog(
        PortfolioState,
        "generate",
        title="New showcase",
        text="It is written from the figures of a period. Each number in it is one that the ledger can prove.",
        fields=(
            _templates(),
            period_fields(PortfolioState),
            Field(
                "title",
                "Title",
                optional=True,
                max_length=140,
                hint="Left empty, the writer finds one from what the figures tell.",
            ),
            Field(
                "publish",
                "Publish as soon as it is written",
                "switch",
                value=False,
                hint="With this you agree that everybody sees the figures, your organisation's name and, if you show "
                "yourself by name, yours. Otherwise it waits as a draft that only you and your administrators see.",
            ),
        ),
        submit_label="Write it",
        on_submit=PortfolioState.generate,
    )


def retry_dialog(state: Any, title: Text) -> rx.Component:
    """Draw the dialog that has one that failed written again, maybe of another period."""
    return form_dialog(
        state,
        "retry",
        title="Write it again",
        text=words(title) + ": choose the period that it tells of.",
        fields=(period_fields(state),),
        submit_label="Write it again",
        on_submit=state.retry,
    )


def _templates() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Template"),
        _template("case_study", "Case study", "The situation, the approach and the outcome, as a story.", checked=True),
        _template("before_after", "Before and after", "The period beside the one before it, side by side."),
        class_name="bz-choices",
    )


def _template(value: str, label: str, text: str, *, checked: bool = False) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="template", value=value, default_checked=checked),
        rx.el.span(
            rx.el.span(label, class_name="bz-strong"),
            rx.el.span(text, class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        class_name="bz-option",
    )
