"""Confirm dialog: says the consequence before something cannot be undone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def confirm(
    trigger: rx.Component,
    *,
    title: Text,
    consequence: Text,
    action: str,
    on_confirm: Any,
    danger: bool = True,
    cancel: str = "Cancel",
) -> rx.Component:
    """Draw `trigger` with its dialog; `action` says what the button does, such as "Sign out device".

    `cancel` is what the button says that leaves all as it is: another word where the act itself is to cancel.
    """
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger),
        _question(title, consequence, action, on_confirm, danger=danger, cancel=cancel),
    )


def asked(
    is_open: Any,
    on_close: Any,
    *,
    title: Text,
    consequence: Text,
    action: str,
    on_confirm: Any,
    danger: bool = True,
    cancel: str = "Cancel",
) -> rx.Component:
    """Draw the dialog without a trigger, open while the state says so; Escape and `cancel` call `on_close`."""
    return rx.alert_dialog.root(
        _question(title, consequence, action, on_confirm, danger=danger, cancel=cancel),
        open=is_open,
        on_open_change=on_close,
    )


def _question(
    title: Text, consequence: Text, action: str, on_confirm: Any, *, danger: bool, cancel: str = "Cancel"
) -> rx.Component:
    return rx.alert_dialog.content(
        rx.alert_dialog.title(title, size="5"),
        rx.alert_dialog.description(consequence, size="2"),
        rx.flex(
            rx.alert_dialog.cancel(rx.button(cancel, variant="soft", color_scheme="gray")),
            rx.alert_dialog.action(rx.button(action, on_click=on_confirm, color_scheme="tomato" if danger else "iris")),
            spacing="3",
            margin_top="20px",
            justify="end",
            wrap="wrap",
        ),
        max_width="440px",
    )
