"""Referrals for administrators: programmes, everybody's conversions, and payouts."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.admin.referral_conversions import conversions
from pages.admin.referral_editor import editor
from pages.admin.referral_payouts import payouts
from pages.admin.referral_programs import programs
from pages.components.copy_field import copy_field
from pages.components.dialog import Field, form_dialog
from pages.components.tabs import Tab, tabs
from pages.components.values import call
from pages.shell import shell
from state.referral_admin import ReferralAdminState
from state.referral_dues import DuesState
from state.referral_editor import ProgramEditorState

PATH: Final = "/admin/referrals"


def referrals() -> rx.Component:
    """Draw the page."""
    return shell(
        "Referrals",
        "What your members earn for bringing friends, who was brought, and what is due.",
        tabs(
            ReferralAdminState,
            Tab("programmes", "Programmes", programs()),
            Tab("conversions", "Conversions", conversions()),
            Tab("payouts", "Payouts", payouts(), waiting=DuesState.ready, waiting_label="to pay"),
        ),
        editor(),
        _code(),
        _made(),
        path=PATH,
        action=rx.el.div(
            rx.button(
                rx.icon("ticket", size=16, aria_hidden="true"),
                "Give a code",
                variant="soft",
                color_scheme="gray",
                on_click=ReferralAdminState.begin_code,
            ),
            rx.button(rx.icon("plus", size=16, aria_hidden="true"), "New programme", on_click=ProgramEditorState.begin),
            class_name="bz-acts",
        ),
    )


def _code() -> rx.Component:
    return form_dialog(
        ReferralAdminState,
        "vanity",
        title="Give a member a code",
        text="A word of your choice, beside the member's own code. Both count for them.",
        fields=(
            Field("email", "Member's e-mail", "email", max_length=254),
            Field(
                "code",
                "Code",
                max_length=32,
                hint="4 to 32 letters and digits, such as SPRING26. No two on the platform are the same.",
            ),
            Field("program", "Programme", "choice", choices=ReferralAdminState.programs),
        ),
        submit_label="Give code",
        on_submit=ReferralAdminState.give_code,
    )


def _made() -> rx.Component:
    """Draw the link of a code that was just given."""
    close = call(ReferralAdminState.close_dialog, False)
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("The code is ready", size="5"),
            rx.dialog.description("The link of ", ReferralAdminState.made_for, ", to pass on.", size="2"),
            rx.el.div(copy_field(ReferralAdminState.made_url, label="Link", mono=True), class_name="bz-dialog-field"),
            rx.el.div(rx.button("Done", on_click=close), class_name="bz-form-actions"),
            max_width="480px",
        ),
        open=ReferralAdminState.dialog == "made",
        on_open_change=ReferralAdminState.close_dialog,
    )
