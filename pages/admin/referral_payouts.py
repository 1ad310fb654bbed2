"""The tab of payouts: who is owed what, and paying it."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.avatar import person
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.empty import empty_state
from pages.components.listing import pager
from pages.components.select import select
from pages.components.skeleton import skeleton, skeleton_rows
from pages.components.table import Column, data_table
from pages.components.values import call, count, words
from state.referral_dues import DuesState
from state.referral_rows import DueRow


def payouts() -> rx.Component:
    """Draw what is due in a programme."""
    return area(
        DuesState,
        rx.el.div(_tools(), _table(), class_name="bz-blocks"),
        loading=rx.el.div(skeleton("100%", "72px"), card(skeleton_rows(6), flush=True), class_name="bz-blocks"),
        empty=empty_state("wallet", "Nothing is due", "Rewards come here when their hold is over."),
        retry=DuesState.reload,
    )


def _tools() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                rx.cond(DuesState.ready > 0, DuesState.ready_sum, "Nothing to pay"), class_name="bz-due-sum bz-num"
            ),
            rx.el.span(
                rx.cond(DuesState.ready > 0, "ready for " + words(DuesState.ready_text) + " in ", "in "),
                DuesState.program_name,
                ". The least payout is ",
                DuesState.min_payout,
                ".",
                class_name="bz-muted",
            ),
            class_name="bz-cell-text",
            role="status",
        ),
        rx.el.div(
            select(
                DuesState.programs,
                DuesState.filters["program_id"],
                lambda value: call(DuesState.choose_filter, "program_id", value),
                label="Programme",
            ),
            rx.cond(DuesState.ready > 0, _pay_all()),
            class_name="bz-due-acts",
        ),
        class_name="bz-card bz-due",
    )


def _pay_all() -> rx.Component:
    whom, amount = words(DuesState.ready_text), words(DuesState.ready_sum)
    return confirm(
        rx.button(
            rx.icon("wallet", size=16, aria_hidden="true"),
            "Pay everybody",
            loading=DuesState.is_paying,
        ),
        title="Pay " + amount + " to " + whom + "?",
        consequence="The payable balance of everybody who has enough in "
        + words(DuesState.program_name)
        + " is booked as paid, and they are told. Transfer the money as you always do; a payout cannot be undone.",
        action="Pay out",
        on_confirm=DuesState.pay_all,
        danger=False,
    )


def _table() -> rx.Component:
    return card(
        rx.cond(
            count(DuesState.rows) > 0,
            data_table(
                DuesState.rows,
                (
                    Column("Member", lambda row: person(row["name"], row["email"], row["initials"]), sort="name"),
                    Column("Payable", lambda row: row["payable"], end=True, sort="payable"),
                    Column("Still held", lambda row: row["held"], end=True, sort="held"),
                    Column("Paid so far", lambda row: row["paid"], end=True),
                    Column("Actions", _pay, end=True, quiet=True),
                ),
                caption="Members with something payable",
                key=lambda row: row["user_id"],
                listing=DuesState,
            ),
            empty_state("wallet", "Nothing is due", "Rewards come here when their hold is over."),
        ),
        rx.cond(count(DuesState.rows) > 0, pager(DuesState)),
        flush=True,
    )


def _pay(row: DueRow) -> rx.Component:
    return rx.cond(
        row["is_enough"],
        confirm(
            rx.button("Pay", variant="soft", disabled=DuesState.is_paying, aria_label="Pay " + row["name"]),
            title="Pay " + row["payable"] + " to " + row["name"] + "?",
            consequence="The whole payable balance is booked as paid, and they are told. Transfer the money as you "
            "always do; a payout cannot be undone.",
            action="Pay out",
            on_confirm=call(DuesState.pay, row["user_id"]),
            danger=False,
        ),
        rx.el.span("Below the least payout", class_name="bz-small bz-muted"),
    )
