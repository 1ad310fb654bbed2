"""The fields of a board's editor, a card for each thing to decide."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.admin.board_controls import cards, choice, error_line, hint_line, optional_mark, said, text_field, text_input
from pages.components.card import card
from pages.components.rule_builder import rule_builder
from pages.components.select import select
from pages.components.values import call, count, words
from state import board_words
from state.board_editor import BoardEditorState
from state.board_forms import AudienceRow, PrizeRow

_STATE = BoardEditorState


def names() -> rx.Component:
    """Draw title and key; the key stands in addresses, so it is given once."""
    return card(
        text_field("title", "Title", "What members see.", longest=120),
        rx.cond(
            _STATE.is_new,
            _key(),
            rx.el.div(
                rx.el.span("Key", class_name="bz-field-label"),
                rx.el.code(_STATE.form["key"], class_name="bz-key"),
                rx.el.span("Stands in addresses and in the API, so it stays.", class_name="bz-field-hint"),
                class_name="bz-field",
            ),
        ),
        title="Name",
    )


def _key() -> rx.Component:
    """Draw the key of a new board: it follows the title, so its field has to follow without losing the focus."""
    return rx.el.div(
        rx.el.label("Key", html_for="field-key"),
        rx.input(
            id="field-key",
            name="key",
            value=_STATE.form["key"],
            max_length=63,
            auto_complete=False,
            on_change=lambda value: call(_STATE.put, "key", value),
            custom_attrs=said("key", "key", "text"),
        ),
        hint_line("key", "Stands in addresses and in the API, and cannot be changed later."),
        error_line("key"),
        class_name="bz-field",
    )


def counting() -> rx.Component:
    """Draw what counts, how it makes a score, and how scores rank."""
    return card(
        rule_builder(_STATE, lead="Members are ranked by", threshold=False),
        error_line("metric"),
        rx.cond(count(_STATE.operators) > 1, cards("operator", "How acts make a score", _STATE.operators)),
        cards("sort", "Who leads", board_words.SORTS),
        cards("tie_rule", "Equal scores", board_words.TIE_RULES, "Of equals the earlier one always stands first."),
        title="What counts",
    )


def periods() -> rx.Component:
    """Draw the period that the board opens with, and its seasons."""
    return card(
        rx.el.div(
            choice("window", "The board opens with", board_words.WINDOWS),
            choice("resets", "All time starts again", board_words.RESETS),
            class_name="bz-field-pair",
        ),
        rx.cond(
            _STATE.form["resets"] == board_words.OWN_LINE,
            text_field(
                "cron",
                "Schedule",
                "A cron line: minute, hour, day of the month, month, day of the week.",
                longest=100,
                error="resets",
            ),
            error_line("resets"),
        ),
        rx.cond(count(_STATE.upcoming) > 0, _upcoming()),
        title="Periods and seasons",
        hint="Members can look at all time, the month, the week and the day of every board.",
    )


def _upcoming() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.cond(_STATE.resets_text != "", _STATE.resets_text + " (" + _STATE.timezone + "). ", ""),
            "A new season begins:",
        ),
        rx.el.ol(rx.foreach(_STATE.upcoming, lambda moment: rx.el.li(moment, class_name="bz-num"))),
        class_name="bz-upcoming",
        role="status",
    )


def caps() -> rx.Component:
    """Draw what the board does not believe."""
    return card(
        rx.el.div(
            text_field(
                "largest",
                "Largest change",
                "An act that would change the score by more does not count.",
                error="caps_largest_change",
                mode="decimal",
                optional=True,
            ),
            rx.el.div(
                rx.el.label("Smallest pause between acts", optional_mark(), html_for="field-interval"),
                rx.el.div(
                    text_input("interval", "caps_smallest_interval_seconds", mode="decimal"),
                    select(
                        board_words.UNIT_CHOICES,
                        _STATE.form["unit"],
                        lambda value: call(_STATE.put, "unit", value),
                        label="Unit of the pause",
                    ),
                    class_name="bz-with-unit",
                ),
                hint_line("interval", "An act sooner after the last counted one does not count."),
                error_line("caps_smallest_interval_seconds"),
                class_name="bz-field",
            ),
            class_name="bz-field-pair",
        ),
        title="Caps",
        hint="Guards against slips and tricks. Without them everything counts.",
    )


def audience() -> rx.Component:
    """Draw who sees the board."""
    return card(
        cards(
            "audience",
            "Who sees this board",
            [
                {"value": "all", "label": "Everybody", "text": "Every member of your organisation."},
                {"value": "some", "label": "Only some", "text": "Whoever is one of those that you choose."},
            ],
        ),
        rx.cond(
            _STATE.form["audience"] == "some",
            rx.el.fieldset(
                rx.el.legend("Seen by", class_name="bz-muted"),
                rx.foreach(_STATE.audience, _seer),
                error_line("visibility"),
                class_name="bz-choices bz-seers",
            ),
        ),
        title="Visibility",
        hint="Whoever may change boards sees every one.",
    )


def _seer(row: AudienceRow) -> rx.Component:
    return rx.el.div(
        rx.checkbox(
            row["label"],
            checked=row["is_on"],
            on_change=lambda is_on: call(_STATE.choose_audience, row["value"], is_on),
            size="2",
        ),
        class_name="bz-check",
        key=row["value"],
    )


def prizes() -> rx.Component:
    """Draw what the places are rewarded with."""
    return card(
        rx.el.ul(rx.foreach(_STATE.prizes, _prize), class_name="bz-prize-rows", aria_label="Prizes"),
        rx.el.div(
            rx.button(
                rx.icon("plus", size=16, aria_hidden="true"),
                "Add a prize",
                type="button",
                variant="soft",
                on_click=_STATE.add_prize,
            )
        ),
        title="Prizes",
        hint="Members see them beside the board; winners are told when a season closes.",
    )


def _prize(row: PrizeRow) -> rx.Component:
    place: Any = "prize." + words(row["id"])
    return rx.el.li(
        rx.input(
            default_value=row["rank"],
            name=place + ".rank",
            on_blur=lambda value: call(_STATE.put_prize, row["id"], "rank", value),
            class_name="bz-prize-rank",
            custom_attrs={"aria-label": "Place of the prize", "inputMode": "numeric"},
        ),
        rx.input(
            default_value=row["title"],
            name=place + ".title",
            placeholder="What there is to win",
            max_length=120,
            on_blur=lambda value: call(_STATE.put_prize, row["id"], "title", value),
            custom_attrs={"aria-label": "Prize for place " + words(row["rank"])},
        ),
        rx.el.button(
            rx.icon("x", size=16, aria_hidden="true"),
            type="button",
            aria_label="Remove the prize for place " + words(row["rank"]),
            on_click=call(_STATE.remove_prize, row["id"]),
            class_name="bz-iconbtn",
        ),
        rx.cond(row["error"] != "", rx.el.span(row["error"], class_name="bz-field-error", role="alert")),
        key=row["id"],
    )
