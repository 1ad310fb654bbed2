"""The page of an address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from pages.components.brand import brand


def not_found() -> rx.Component:
    """Draw the 404 page; it needs no session."""
    return rx.el.div(
        rx.el.header(brand("/"), class_name="bz-auth-top"),
        rx.el.main(
            rx.el.h1("This page does not exist"),
            rx.el.p("The address may be mistyped, or the page has moved.", class_name="bz-muted"),
            rx.el.a(rx.button("Go to your home page"), href="/"),
            class_name="bz-lost",
        ),
        class_name="bz-auth-main bz-lost-page",
    )
