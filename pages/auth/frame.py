"""The frame of signed-out pages: the mark, one form in the middle, and beside it a panel where there is room."""

from __future__ import annotations

import reflex as rx
from reflex.style import resolved_color_mode, toggle_color_mode

from pages.components.brand import brand


def auth_frame(
    title: str, purpose: str, *children: rx.Component, foot: rx.Component, panel: rx.Component | None = None
) -> rx.Component:
    """Draw a signed-out page with one h1; `panel` fills the right half from 960 px."""
    return rx.el.div(
        rx.el.div(
            rx.el.header(brand("/login"), _theme_button(), class_name="bz-auth-top"),
            rx.el.main(
                rx.el.header(rx.el.h1(title), rx.el.p(purpose)),
                *children,
                class_name="bz-auth-box",
            ),
            rx.el.footer(foot, class_name="bz-auth-foot"),
            class_name="bz-auth-main",
        ),
        *([rx.el.aside(panel, class_name="bz-auth-side")] if panel else []),
        class_name="bz-auth",
        data_panel="true" if panel else "false",
    )


def _theme_button() -> rx.Component:
    return rx.el.button(
        rx.cond(resolved_color_mode == "dark", rx.icon("sun", size=20), rx.icon("moon", size=20)),
        type="button",
        aria_label="Switch between light and dark",
        class_name="bz-iconbtn",
        on_click=toggle_color_mode,
    )


def back_to_login() -> rx.Component:
    """Draw the way back to the sign-in page."""
    return rx.el.span(rx.el.a("Back to sign in", href="/login", class_name="bz-link"))
