"""New password: reached from the mailed link, whose token stands in the address."""

from __future__ import annotations

import reflex as rx

from pages.auth.fields import NEW_PASSWORD
from pages.auth.frame import auth_frame, back_to_login
from pages.components.http_form import FormField, http_form


def reset_password() -> rx.Component:
    """Draw the page that sets a new password."""
    return auth_frame(
        "Choose a new password",
        "All your other devices are signed out when you save it.",
        http_form(
            FormField("token", query="token"),
            NEW_PASSWORD,
            endpoint="/api/v1/auth/reset-password",
            label="Choose a new password",
            submit_label="Save password",
            busy_label="Saving",
            autofocus=True,
            broken_text="This link is incomplete. Open it from the message again, or ask for a new one.",
            broken_href="/forgot-password",
            broken_label="Ask for a new link",
            success_title="Password saved",
            success_text="Sign in with your new password.",
        ),
        foot=back_to_login(),
    )
