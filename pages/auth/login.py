"""Sign-in: the form at the left, a figure that is measured live at the right."""

from __future__ import annotations

import reflex as rx

from pages.auth.fields import EMAIL
from pages.auth.frame import auth_frame
from pages.auth.panel import panel
from pages.components.http_form import FormField, http_form


def login() -> rx.Component:
    """Draw the sign-in page."""
    return auth_frame(
        "Sign in",
        "Use the e-mail address your team invited you with.",
        http_form(
            EMAIL,
            FormField(
                "password",
                "Password",
                type="password",
                autocomplete="current-password",
                link_href="/forgot-password",
                link_label="Forgot password",
            ),
            endpoint="/api/v1/auth/login",
            label="Sign in",
            submit_label="Sign in",
            busy_label="Signing in",
            remember=True,
            redirect=True,
            resume=True,
            autofocus=True,
        ),
        foot=rx.el.span("Accounts are made by invitation from a team's administrator."),
        panel=panel(),
    )
