"""Settings: one's profile, password, and the devices that are signed in."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.auth.fields import LENGTH_HINT
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.empty import empty_state
from pages.components.export_card import export_card
from pages.components.http_form import FormField, http_form
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column, data_table
from pages.portal.settings_profile import appearance, boards, platforms, profile
from pages.shell import shell
from state.exports import OwnExportState
from state.rows import SessionRow
from state.settings import SettingsState


def settings() -> rx.Component:
    """Draw the settings page."""
    return shell(
        "Settings",
        "Your profile, how the pages look, and the devices you are signed in on.",
        rx.el.div(
            rx.el.div(profile(), appearance(), class_name="bz-blocks"),
            rx.el.div(boards(), platforms(), class_name="bz-blocks"),
            class_name="bz-halves",
        ),
        _password(),
        _sessions(),
        rx.el.div(_own_data(), _leaving(), class_name="bz-halves"),
        path="/portal/settings",
        action=rx.link(
            rx.icon("bell", size=16, aria_hidden="true"),
            "Notification settings",
            href="/portal/notifications#preferences",
            class_name="bz-link bz-head-link",
        ),
    )


def _password() -> rx.Component:
    return card(
        http_form(
            FormField("current_password", "Current password", type="password", autocomplete="current-password"),
            FormField("new_password", "New password", type="password", autocomplete="new-password", hint=LENGTH_HINT),
            endpoint="/api/v1/auth/change-password",
            label="Change password",
            submit_label="Change password",
            busy_label="Changing",
            success_title="Password changed",
            success_text="Your other devices have been signed out.",
            inline=True,
        ),
        title="Password",
        hint="Changing it signs out your other devices.",
        class_name="bz-narrow-form",
    )


def _own_data() -> rx.Component:
    return export_card(
        OwnExportState,
        title="Download my data",
        hint="What is kept about you: profile, sessions, events, achievements, referrals, messages and runs of agents.",
        ask="Gather my data",
    )


def _leaving() -> rx.Component:
    return card(
        http_form(
            FormField("password", "Your password", type="password", autocomplete="current-password"),
            endpoint="/api/v1/privacy/deletion",
            label="Delete my account",
            submit_label="Delete my account",
            busy_label="Deleting",
            redirect=True,
            inline=True,
            danger=True,
        ),
        title="Delete my account",
        hint="Your name, address, devices, messages and drafts are deleted, and you are signed out everywhere at once. "
        "Your points stay on boards as a former member's. This cannot be undone.",
    )


def _sessions() -> rx.Component:
    return card(
        area(
            SettingsState,
            data_table(
                SettingsState.sessions,
                (
                    Column("Device", _device),
                    Column("Address", lambda row: rx.el.span(row["address"], class_name="bz-num")),
                    Column("Signed in", lambda row: local_time(row["created_at"], "datetime")),
                    Column("Last seen", lambda row: local_time(row["last_seen_at"])),
                    Column("Action", _revoke, end=True, quiet=True),
                ),
                caption="Devices signed in to your account",
                key=lambda row: row["id"],
            ),
            loading=skeleton_rows(3),
            empty=empty_state("monitor_smartphone", "No other devices", "Each device you sign in on is listed here."),
            retry=SettingsState.load,
            framed=False,
        ),
        title="Devices",
        hint="Sign out what you do not recognise, then change your password.",
        flush=True,
    )


def _device(row: SessionRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["device"], class_name="bz-strong"),
        rx.cond(row["is_current"], badge("This device", "accent")),
        class_name="bz-cell",
    )


def _revoke(row: SessionRow) -> rx.Component:
    revoke: Any = SettingsState.revoke_session  # the decorator hides from a type checker that it can be called
    button = rx.button("Sign out", variant="soft", color_scheme="gray", aria_label="Sign out " + row["device"])
    return rx.cond(
        row["is_current"],
        rx.fragment(),
        confirm(
            button,
            title="Sign out this device?",
            consequence=row["device"] + " has to sign in again before it can do anything.",
            action="Sign out device",
            on_confirm=revoke(row["id"]),
        ),
    )
