"""Wizard controls: text, time, colour, and a button that does something."""

from __future__ import annotations

import reflex as rx

from pages.components.values import call, words
from pages.components.wizard_parts import LONGEST, part_id, said, with_unit
from pages.components.zone_field import zone_field
from state.wizard import WizardState
from state.wizard_rows import FieldRow


def line(row: FieldRow, *, type_: str = "text", input_mode: str = "text") -> rx.Component:
    """Draw one line of text; a unit stands behind it."""
    control = rx.el.input(
        type=type_,
        name=row["key"],
        id=part_id(row["key"]),
        default_value=row["text"],
        key=row["filling"],
        on_blur=lambda text: call(WizardState.save_field, row["key"], text),
        class_name="bz-line",
        auto_complete="off",
        max_length=LONGEST,
        custom_attrs=said(row["key"], row["error"]) | {"inputMode": input_mode},
    )
    return with_unit(control, row["key"], row["unit"])


def area(row: FieldRow) -> rx.Component:
    """Draw several lines of text."""
    return rx.el.textarea(
        name=row["key"],
        id=part_id(row["key"]),
        default_value=row["text"],
        key=row["filling"],
        rows=5,
        max_length=LONGEST,
        on_blur=lambda text: call(WizardState.save_field, row["key"], text),
        class_name="bz-area",
        custom_attrs=said(row["key"], row["error"]),
    )


def zone(row: FieldRow) -> rx.Component:
    """Draw a time zone."""
    return zone_field(
        row["key"],
        row["text"],
        id_=part_id(row["key"]),
        hint="",
        error=row["error"],
        on_leave=lambda text: call(WizardState.save_field, row["key"], text),
    )


def moment(row: FieldRow) -> rx.Component:
    """Draw a local time with its zone."""
    zone = words(row["key"]) + ".zone"
    return rx.el.div(
        rx.el.div(
            rx.el.label("Date and time", html_for=part_id(row["key"], "at")),
            rx.el.input(
                type="datetime-local",
                name=row["key"],
                id=part_id(row["key"], "at"),
                default_value=row["text"],
                key=row["filling"],
                on_blur=lambda text: call(WizardState.save_moment, row["key"], "at", text),
                class_name="bz-line",
                custom_attrs=said(row["key"], row["error"]),
            ),
        ),
        rx.el.div(
            rx.el.label("Time zone", html_for=part_id(row["key"], "zone")),
            zone_field(
                zone,
                row["zone"],
                id_=part_id(row["key"], "zone"),
                hint="",
                error="",
                on_leave=lambda text: call(WizardState.save_moment, row["key"], "zone", text),
            ),
        ),
        class_name="bz-wz-moment",
    )


def colour(row: FieldRow) -> rx.Component:
    """Draw a colour, to be picked or written."""
    return rx.el.div(
        rx.el.input(
            type="color",
            value=rx.cond(row["text"] != "", row["text"], "#5b5bd6"),
            on_change=lambda text: call(WizardState.pick, row["key"], text).debounce(200),
            aria_label=words(row["label"]) + ", picked",
            class_name="bz-wz-swatch",
        ),
        line(row),
        class_name="bz-colour",
    )


def act(row: FieldRow) -> rx.Component:
    """Draw a button with what came of it."""
    is_working = WizardState.acting == row["key"]
    return rx.el.div(
        rx.button(
            row["action_label"],
            type="button",
            variant="soft",
            loading=is_working,
            on_click=call(WizardState.act, row["key"]),
            custom_attrs=said(row["key"], row["error"]),
        ),
        rx.cond(
            row["text"] != "",
            rx.el.span(
                rx.match(
                    row["outcome"],
                    ("passed", rx.icon("circle_check", size=16, aria_hidden="true")),
                    ("waiting", rx.icon("hourglass", size=16, aria_hidden="true")),
                    rx.icon("circle_alert", size=16, aria_hidden="true"),
                ),
                rx.el.span(row["text"]),
                class_name="bz-outcome",
                data_tone=rx.match(row["outcome"], ("passed", "good"), ("waiting", "neutral"), "bad"),
                role="status",
            ),
        ),
        rx.cond(
            row["link"] != "",
            rx.el.a(
                rx.icon("external_link", size=16, aria_hidden="true"),
                "Go to the page",
                rx.el.span(" in a new window", class_name="bz-sr"),
                href=row["link"],
                target="_blank",
                rel="noopener noreferrer",
                class_name="bz-back",
            ),
        ),
        class_name="bz-act",
    )
