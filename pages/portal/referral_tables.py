"""The tables of one's own referrals: conversions and rewards."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from state.referral_own import OwnConversionsState, OwnRewardsState
from state.referral_rows import EntryRow, OwnConversionRow
from state.referral_words import STATUSES


def conversions() -> rx.Component:
    """Draw what was bought through the link."""
    return _section(
        "Conversions",
        "What was bought through your link, and what became of it.",
        area(
            OwnConversionsState,
            listing(
                OwnConversionsState,
                OwnConversionsState.rows,
                (
                    Column("Friend", lambda row: rx.el.span(row["address"], class_name="bz-strong bz-truncate")),
                    Column("Order", lambda row: row["order_value"], end=True, sort="order_value"),
                    Column("Status", _status, sort="status"),
                    Column("Earns you", lambda row: row["reward"], end=True),
                    Column("Bought", lambda row: local_time(row["occurred_at"], "date"), sort="occurred_at"),
                ),
                caption="Conversions of your link",
                key=lambda row: row["id"],
                filters=(picker("status", "Status", "Any status", STATUSES),),
            ),
            loading=card(skeleton_rows(5), flush=True),
            empty=empty_state(
                "shopping_bag", "No conversions yet", "The first order through your link appears here by itself."
            ),
            retry=OwnConversionsState.reload,
        ),
    )


def rewards() -> rx.Component:
    """Draw the movements of the account."""
    return _section(
        "Rewards",
        "Each movement of your account, and from when it can be paid out.",
        area(
            OwnRewardsState,
            listing(
                OwnRewardsState,
                OwnRewardsState.rows,
                (
                    Column("Movement", _movement, sort="kind"),
                    Column("Amount", _amount, end=True, sort="amount"),
                    Column("Payable", _due, sort="available_at"),
                    Column("Booked", lambda row: local_time(row["at"], "date"), sort="created_at"),
                ),
                caption="Movements of your rewards account",
                key=lambda row: row["id"],
            ),
            loading=card(skeleton_rows(5), flush=True),
            empty=empty_state(
                "wallet", "No rewards yet", "What your referrals earn is booked here, with its payable day."
            ),
            retry=OwnRewardsState.reload,
        ),
    )


def _section(title: str, text: str, content: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(title), rx.el.p(text, class_name="bz-muted"), class_name="bz-section-title"), content
    )


def _status(row: OwnConversionRow) -> rx.Component:
    return rx.el.div(
        badge(row["label"], row["tone"]),
        rx.el.span(
            row["note"],
            rx.cond(row["note_at"] != "", local_time(row["note_at"], "date")),
            row["note_after"],
            class_name="bz-small bz-muted",
        ),
        class_name="bz-ref-status",
    )


def _movement(row: EntryRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["title"], class_name="bz-strong"),
        rx.cond(row["note"] != "", rx.el.span(row["note"], class_name="bz-small bz-muted bz-truncate")),
        class_name="bz-cell-text",
    )


def _amount(row: EntryRow) -> rx.Component:
    return rx.el.span(row["amount"], class_name="bz-tone", data_tone=row["tone"])


def _due(row: EntryRow) -> rx.Component:
    return rx.cond(
        row["due_at"] != "",
        rx.el.span(row["due"], local_time(row["due_at"], "date")),
        rx.el.span("\N{EN DASH}", class_name="bz-muted"),
    )
