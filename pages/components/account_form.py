"""Account form: connects a social account over HTTP; neither the socket nor the view state carries its token."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.callout import callout
from pages.components.dialog import Field, field
from pages.components.posted_form import PostedForm
from pages.components.values import call
from state.social_accounts import NETWORKS, SocialAccountState

DIALOG: Final = "connect_account"


class AccountForm(PostedForm):
    """The form of `assets/jsx/account_form.jsx` around its fields: `network`, `handle`, `secret` and `base_url`."""

    library = "$/public/jsx/account_form.jsx"
    tag = "AccountForm"


def connect_button() -> rx.Component:
    """Draw the way to the form; `account_dialog` is to be on the same page, outside of any other form."""
    return rx.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "Connect an account",
        type="button",
        variant="soft",
        on_click=call(SocialAccountState.open_dialog, DIALOG),
    )


def account_dialog() -> rx.Component:
    """Draw the dialog that connects an account."""
    state: Any = SocialAccountState
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Connect an account", size="5"),
            rx.dialog.description(
                "We ask the network at once whether the access works. It is kept encrypted and never shown again.",
                size="2",
                color=rx.color("gray", 11),
            ),
            AccountForm.create(
                rx.cond(state.form_error != "", rx.el.div(callout(state.form_error, tone="bad"), role="alert")),
                *(field(state, item) for item in _FIELDS),
                endpoint="/api/v1/social/accounts",
                submit_label="Connect account",
                on_made=state.made,
                on_refused=state.refuse,
                on_cancel=state.close_dialog(False),
            ),
            max_width="480px",
        ),
        open=state.dialog == DIALOG,
        on_open_change=state.close_dialog,
    )


_FIELDS: Final = (
    Field("network", "Network", "choice", choices=NETWORKS, value="mastodon"),
    Field("handle", "Account name", max_length=120, hint="As people see it on the network."),
    Field(
        "secret",
        "Access token",
        "password",
        max_length=4096,
        hint="From the network's developer settings; for Bluesky an app password.",
    ),
    Field(
        "base_url",
        "Server",
        "url",
        max_length=300,
        optional=True,
        hint="For Mastodon the address of your server, such as https://social.example.",
    ),
)
