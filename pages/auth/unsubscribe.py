"""Fewer mails: reached from the link in one of them, whose text stands in the address; needs no session."""

from __future__ import annotations

import reflex as rx

from pages.auth.frame import auth_frame, back_to_login
from pages.components.http_form import FormField, http_form


def unsubscribe() -> rx.Component:
    """Draw the page that asks before it stops the mails: opening a link must not change anything."""
    return auth_frame(
        "Stop these mails",
        "What you are told in the application stays as it is. Sign in to choose again at any time.",
        http_form(
            FormField("token", query="token"),
            endpoint="/api/v1/notifications/unsubscribe",
            label="Stop these mails",
            submit_label="Stop these mails",
            busy_label="Stopping",
            broken_text="This link is incomplete or too old. Sign in to choose which mails you get.",
            broken_href="/portal/notifications",
            broken_label="Choose your mails",
            success_title="Done",
            success_text="You get no more mails of this kind.",
        ),
        foot=back_to_login(),
    )
