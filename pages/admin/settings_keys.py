"""The third tab of the settings: API keys, made with what they may do, shown once, and ended."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.callout import callout
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.dialog import Field, choices, field
from pages.components.empty import empty_state
from pages.components.key_form import key_form, key_shown
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call
from state.api_keys import STATUSES, ApiKeysState, KeyRow, ScopeRow

_LIFETIMES: Final = choices(("90", "90 days"), ("30", "30 days"), ("365", "1 year"), ("never", "No end"))


def keys() -> rx.Component:
    """Draw the tab."""
    return rx.fragment(
        area(
            ApiKeysState,
            _listing(),
            loading=card(skeleton_rows(5), flush=True),
            empty=empty_state(
                "key_round",
                "No API keys",
                "A key lets one of your own systems record events and conversions here.",
                _new_button(),
            ),
            retry=ApiKeysState.reload,
        ),
        _create(),
        _shown(),
    )


def _new_button() -> rx.Component:
    return rx.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "Create a key",
        type="button",
        on_click=call(ApiKeysState.open_dialog, "create"),
    )


def _listing() -> rx.Component:
    return listing(
        ApiKeysState,
        ApiKeysState.rows,
        (
            Column("Key", _name, sort="name"),
            Column("Status", lambda row: badge(row["status_label"], row["tone"])),
            Column("Created", lambda row: local_time(row["created_at"], "date"), sort="created_at"),
            Column("Last used", lambda row: _moment(row["last_used_at"], "Never"), sort="last_used_at"),
            Column("Ends", lambda row: _moment(row["expires_at"], "No end", "date"), sort="expires_at"),
            Column("Action", _revoke, end=True, quiet=True),
        ),
        caption="API keys of your organisation",
        key=lambda row: row["id"],
        search="Search by name",
        filters=(picker("status", "Status", "Any status", STATUSES),),
        action=_new_button(),
    )


def _name(row: KeyRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["name"], class_name="bz-strong"),
        rx.el.span(row["scopes"], class_name="bz-small bz-muted bz-key-scopes"),
        class_name="bz-cell-text",
    )


def _moment(value: str, none: str, how: str = "relative") -> rx.Component:
    return rx.cond(
        value != "",
        local_time(value, "date" if how == "date" else "relative"),
        rx.el.span(none, class_name="bz-muted"),
    )


def _revoke(row: KeyRow) -> rx.Component:
    return rx.cond(
        row["status"] == "active",
        confirm(
            rx.button("Revoke", variant="soft", color_scheme="gray", aria_label="Revoke " + row["name"]),
            title="Revoke " + row["name"] + "?",
            consequence="Whatever uses this key is refused from its next request on. A revoked key cannot come back.",
            action="Revoke key",
            on_confirm=call(ApiKeysState.revoke, row["id"]),
        ),
        rx.fragment(),
    )


def _create() -> rx.Component:
    state: Any = ApiKeysState
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Create an API key", size="5"),
            rx.dialog.description(
                "For one of your own systems. Give it only what that system needs.",
                size="2",
                color=rx.color("gray", 11),
            ),
            key_form(
                rx.cond(state.form_error != "", rx.el.div(callout(state.form_error, tone="bad"), role="alert")),
                field(
                    state,
                    Field(
                        "name", "Name", max_length=120, placeholder="Shop", hint="Names the system that will use it."
                    ),
                ),
                _scopes(),
                field(state, Field("lifetime", "Ends after", "choice", choices=_LIFETIMES, value="90")),
                submit_label="Create key",
                on_made=state.made,
                on_refused=state.refuse,
                on_cancel=state.close_dialog(False),
            ),
            max_width="480px",
        ),
        open=state.dialog == "create",
        on_open_change=state.close_dialog,
    )


def _scopes() -> rx.Component:
    error = rx.Var.create(ApiKeysState.errors)["scopes"].to(str)
    return rx.el.fieldset(
        rx.el.legend("What it may do"),
        rx.el.div(rx.foreach(ApiKeysState.scopes, _scope), class_name="bz-scopes"),
        rx.cond(
            rx.Var.create(ApiKeysState.errors).to(dict).contains("scopes"),
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"),
                rx.cond(error == "At least 1 item.", "Choose at least one.", error),
                class_name="bz-field-error",
                role="alert",
            ),
        ),
        class_name="bz-fieldset",
    )


def _scope(row: ScopeRow) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="scopes", value=row["key"], default_checked=row["key"] == "record_events"),
        rx.el.span(
            rx.el.span(row["text"]),
            rx.el.span(row["key"], class_name="bz-small bz-muted bz-mono"),
            class_name="bz-cell-text",
        ),
        key=row["key"],
        class_name="bz-option",
    )


def _shown() -> rx.Component:
    return key_shown(
        callout("It is shown this once. If it is lost, revoke it and create another.", tone="warn"),
        title="Your new key",
        text="Copy it into the system that will use it, or into a password manager.",
        action="I have stored it",
    )
