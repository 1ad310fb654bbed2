"""Platform overview, the dialogs: making a tenant, suspending one, and off-boarding one."""

from __future__ import annotations

import reflex as rx

from pages.components.dialog import Field, form_dialog, typed_word
from pages.components.values import words
from state.places import CURRENCIES, ZONES
from state.platform import CREATE, OFFBOARD, SUSPEND, PlatformTenantsState


def create() -> rx.Component:
    """Draw the form of a new tenant."""
    return form_dialog(
        PlatformTenantsState,
        CREATE,
        title="Create a tenant",
        text="It begins with the usual boards, achievements and referral programme. Its first administrator gets a "
        "mail with a link that is good for seven days.",
        fields=(
            Field("name", "Name", max_length=120),
            Field(
                "slug",
                "Short name",
                hint="Made from the name when left out. Small letters, digits and hyphens; it stays as it is.",
                max_length=63,
                optional=True,
            ),
            Field("admin_email", "First administrator's e-mail", "email", max_length=254),
            Field("timezone", "Time zone", "choice", choices=ZONES, value="UTC", hint="Days begin at midnight there."),
            Field("currency", "Currency", "choice", choices=CURRENCIES, value="EUR"),
            Field("industry", "Industry", max_length=60, optional=True, placeholder="For example: retail"),
        ),
        submit_label="Create tenant",
        on_submit=PlatformTenantsState.create,
    )


def suspend() -> rx.Component:
    """Draw the form that suspends a tenant: it says what happens and asks for the short name."""
    return form_dialog(
        PlatformTenantsState,
        SUSPEND,
        title="Suspend " + words(PlatformTenantsState.chosen_name) + "?",
        text="All of its people ("
        + words(PlatformTenantsState.chosen_members)
        + ") are signed out at once. Sign-ins, API keys and open pages are refused, and its showcases and referral "
        "links are taken off the web. Its data stays, and you can let it in again at any time.",
        fields=_typed_name(),
        submit_label="Suspend tenant",
        on_submit=PlatformTenantsState.suspend,
        danger=True,
    )


def offboard() -> rx.Component:
    """Draw the form that off-boards a tenant: it says what is lost and asks for the short name."""
    return form_dialog(
        PlatformTenantsState,
        OFFBOARD,
        title="Off-board " + words(PlatformTenantsState.chosen_name) + "?",
        text="After "
        + words(PlatformTenantsState.grace_days)
        + " all of it is deleted for good: its people ("
        + words(PlatformTenantsState.chosen_members)
        + "), its ledger and audit log, its files, and the credentials that it gave us. Until then you can cancel. "
        "Backups keep what they held; nothing else does.",
        fields=_typed_name(),
        submit_label="Off-board tenant",
        on_submit=PlatformTenantsState.offboard,
        danger=True,
    )


def _typed_name() -> tuple[rx.Component, Field]:
    return typed_word("Short name", PlatformTenantsState.chosen_slug, max_length=63)
