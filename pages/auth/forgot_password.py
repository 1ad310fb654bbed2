"""Forgotten password: asks for a link by mail, and never says whether an address is known."""

from __future__ import annotations

import reflex as rx

from pages.auth.fields import EMAIL
from pages.auth.frame import auth_frame, back_to_login
from pages.components.http_form import http_form


def forgot_password() -> rx.Component:
    """Draw the page that asks for a reset link."""
    return auth_frame(
        "Reset your password",
        "We send a link to your e-mail address. It works once.",
        http_form(
            EMAIL,
            endpoint="/api/v1/auth/forgot-password",
            label="Reset your password",
            submit_label="Send the link",
            busy_label="Sending",
            autofocus=True,
            success_title="Check your inbox",
            success_text="If that address has an account, a link is on its way.",
        ),
        foot=back_to_login(),
    )
