"""Registration: by an invitation or a referral code, which stands in the address."""

from __future__ import annotations

import reflex as rx

from pages.auth.fields import EMAIL, LENGTH_HINT
from pages.auth.frame import auth_frame, back_to_login
from pages.components.http_form import FormField, http_form


def register() -> rx.Component:
    """Draw the page that makes an account."""
    return auth_frame(
        "Create your account",
        "With the address your invitation was sent to.",
        http_form(
            FormField("invite_token", query="invite"),
            FormField("referral_code", query="ref"),
            FormField("name", "Name", autocomplete="name", max_length=120),
            EMAIL,
            FormField("password", "Password", type="password", autocomplete="new-password", hint=LENGTH_HINT),
            endpoint="/api/v1/auth/register",
            label="Create your account",
            submit_label="Create account",
            busy_label="Creating",
            success_title="Your account is ready",
            success_text="Sign in with your e-mail and password.",
            redirect=True,
            autofocus=True,
            broken_text="Open the link in your invitation, or ask your team's administrator for one.",
        ),
        foot=back_to_login(),
    )
