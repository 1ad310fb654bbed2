"""The brand's colour: chosen or written, and what becomes of it in both themes before it is saved."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.values import Text, digits, words
from state.organisation import STANDARD, OrganisationState

_ERROR: Final = "field-accent-error"


def brand() -> rx.Component:
    """Draw the field and the two previews."""
    return rx.fragment(
        _field(),
        rx.el.div(
            _preview("Light", "light", OrganisationState.light),
            _preview("Dark", "dark", OrganisationState.dark),
            class_name="bz-brand-previews",
            role="group",
            aria_label="What your colour looks like",
        ),
    )


def _field() -> rx.Component:
    state = OrganisationState
    pick: Any = OrganisationState.pick_accent  # the decorator hides from a type checker what it can do
    write: Any = OrganisationState.type_accent
    has_error = state.accent_error != ""
    return rx.el.div(
        rx.el.label("Accent colour", html_for="field-accent"),
        rx.el.div(
            rx.el.input(
                type="color",
                value=rx.cond(state.accent != "", state.accent, STANDARD),
                on_change=pick.debounce(150),
                aria_label="Pick the accent colour",
                class_name="bz-swatch",
            ),
            rx.input(
                id="field-accent",
                name="accent",
                default_value=state.accent,
                key=digits(state.times_picked),
                placeholder=STANDARD,
                max_length=7,
                on_change=write.debounce(250),
                auto_complete=False,
                custom_attrs={
                    "aria-describedby": f"{_ERROR} field-accent-hint",
                    "aria-invalid": rx.cond(has_error, "true", "false"),
                    "spellCheck": "false",
                },
            ),
            rx.cond(
                state.accent != "",
                rx.button(
                    "Use the standard",
                    type="button",
                    variant="soft",
                    color_scheme="gray",
                    on_click=OrganisationState.drop_accent,
                ),
            ),
            class_name="bz-swatch-row",
        ),
        rx.el.span(
            "As #rrggbb. Where it could not be read, a lighter or darker one is used.",
            id="field-accent-hint",
            class_name="bz-field-hint",
        ),
        rx.cond(
            has_error,
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"),
                state.accent_error,
                id=_ERROR,
                class_name="bz-field-error",
                role="alert",
            ),
        ),
        class_name="bz-field",
    )


def _preview(label: str, theme: str, shade: Any) -> rx.Component:
    """Draw one theme as it would be, whatever theme the reader has."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(label, class_name="bz-brand-name"),
            rx.el.span("Open referrals", class_name="bz-brand-link"),
            rx.el.div(
                rx.el.span("Publish", class_name="bz-brand-button"),
                rx.el.span("You", class_name="bz-brand-badge"),
                class_name="bz-brand-row",
            ),
            rx.el.div(rx.el.span(), class_name="bz-brand-bar"),
            style=shade["style"],
            data_theme=theme,
            class_name="bz-brand-page",
            aria_hidden="true",
        ),
        rx.el.dl(
            _fact("Button", words(shade["button"])),
            _fact("On the button", words(shade["button_ratio"]) + " : 1"),
            _fact("Links", words(shade["text_ratio"]) + " : 1"),
            class_name="bz-brand-facts bz-num",
        ),
        rx.cond(
            shade["is_adapted"].to(bool) & (OrganisationState.accent != ""),
            rx.el.span(f"Adapted to be readable on {theme} pages.", class_name="bz-field-hint"),
        ),
        class_name="bz-brand-preview",
    )


def _fact(name: str, value: Text) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))
