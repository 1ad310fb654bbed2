"""The person's side of the settings: name, theme, what others see on boards, and platforms."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex.style import color_mode, set_color_mode

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.choice_cards import choice_cards
from pages.components.dialog import Field, form
from pages.components.empty import empty_state
from pages.components.key_values import key_values
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton
from pages.portal.privacy import privacy
from state.profile import ProfileState
from state.rows import Choice
from state.session import SessionState
from state.settings import SettingsState

_THEMES: Final[list[dict[str, str]]] = [
    {"value": "system", "label": "As the system", "text": "Light by day and dark by night, if your device does so."},
    {"value": "light", "label": "Light", "text": "Dark text on white."},
    {"value": "dark", "label": "Dark", "text": "Light text on black."},
]


def profile() -> rx.Component:
    """Draw the form of the name, and what else is known of the person."""
    return card(
        area(
            ProfileState,
            rx.fragment(
                form(
                    ProfileState,
                    Field(
                        "name",
                        "Name",
                        value=ProfileState.own_name,
                        max_length=120,
                        hint="Shown on boards where your privacy is your name, and to your administrators.",
                    ),
                    submit_label="Save name",
                    on_submit=ProfileState.save,
                ),
                _facts(),
            ),
            loading=skeleton("100%", "240px"),
            empty=empty_state("user", "No profile", "There is nothing to show yet."),
            retry=ProfileState.load,
            framed=False,
        ),
        title="Profile",
    )


def _facts() -> rx.Component:
    return key_values(
        ("E-mail", SessionState.email),
        ("Role", SessionState.role_label),
        ("Organisation", SessionState.tenant_name),
        ("Member since", local_time(SettingsState.member_since, "date")),
    )


def appearance() -> rx.Component:
    """Draw the choice of the theme, kept in this browser."""
    return card(
        choice_cards(
            _THEMES,
            name="theme",
            legend="On this device, pages are",
            value=color_mode,
            on_choose=set_color_mode,
        ),
        title="Theme",
    )


def boards() -> rx.Component:
    """Draw the privacy switch for whoever stands on boards."""
    return rx.cond(
        rx.Var.create(SessionState.permissions).contains("view_leaderboards"), privacy(ProfileState), rx.fragment()
    )


def platforms() -> rx.Component:
    """Draw the platforms of the person; `session.js` does the switching over HTTP."""
    return card(
        rx.el.ul(rx.foreach(SessionState.platforms, _platform), class_name="bz-platforms"),
        title="Platforms",
        hint="Each shows its own side of your organisation. Switching opens the page anew.",
    )


def _platform(choice: Choice) -> rx.Component:
    is_current = choice["value"] == SessionState.platform
    switch: Any = rx.button(
        "Switch",
        type="button",
        variant="soft",
        color_scheme="gray",
        custom_attrs={
            "data-session": "switch-platform",
            "data-value": choice["value"],
            "aria-label": "Switch to " + choice["label"],
        },
    )
    return rx.el.li(
        rx.el.span(choice["label"], class_name="bz-strong"),
        rx.cond(is_current, badge("You are here", "accent"), switch),
        key=choice["value"],
    )
