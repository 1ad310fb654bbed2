"""The tab of everybody's conversions."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.dialog import Field, form_dialog
from pages.components.empty import empty_state
from pages.components.listing import Filter, listing, picker
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import Text, call
from state.referral_conversions import AllConversionsState
from state.referral_rows import ConversionRow
from state.referral_words import DECISIONS, STATUSES


def conversions() -> rx.Component:
    """Draw the table of conversions, with the dialog that undoes one."""
    return rx.el.div(
        area(
            AllConversionsState,
            listing(
                AllConversionsState,
                AllConversionsState.rows,
                (
                    Column("Friend", lambda row: _two(row["email"], row["external_id"])),
                    Column("Referred by", lambda row: _two(row["referrer"], row["program"])),
                    Column("Order", lambda row: row["order_value"], end=True, sort="order_value"),
                    Column("Status", lambda row: badge(row["label"], row["tone"]), sort="status"),
                    Column("Fraud score", _verdict, sort="fraud_score"),
                    Column("Reward", lambda row: row["reward"], end=True),
                    Column("Bought", lambda row: local_time(row["occurred_at"], "date"), sort="occurred_at"),
                    Column("Actions", _acts, end=True, quiet=True),
                ),
                caption="Conversions of all programmes",
                key=lambda row: row["id"],
                search="Search by address or order",
                filters=_filters(),
            ),
            loading=card(skeleton_rows(8), flush=True),
            empty=empty_state(
                "shopping_bag",
                "No conversions yet",
                "They appear as your shop tells of orders that came through a member's link.",
            ),
            retry=AllConversionsState.reload,
        ),
        _reversal(),
    )


def _filters() -> tuple[Filter, ...]:
    return (
        picker("status", "Status", "Any status", STATUSES),
        picker("decision", "Verdict", "Any verdict", DECISIONS),
        Filter("program_id", "Programme", AllConversionsState.programs),
    )


def _two(first: Text, second: Text) -> rx.Component:
    return rx.el.div(
        rx.el.span(first, class_name="bz-strong bz-truncate"),
        rx.el.span(second, class_name="bz-small bz-muted bz-truncate"),
        class_name="bz-cell-text bz-stacked",
    )


def _verdict(row: ConversionRow) -> rx.Component:
    return rx.el.span(
        rx.el.span(row["score"], class_name="bz-num bz-told"),
        badge(row["verdict"], row["verdict_tone"]),
        class_name="bz-verdict",
    )


def _acts(row: ConversionRow) -> rx.Component:
    return rx.cond(
        row["is_standing"],
        rx.el.div(
            act(
                "undo_2",
                "Undo the conversion of " + row["email"],
                on_click=call(AllConversionsState.choose_conversion, row["id"]),
            ),
            class_name="bz-row-acts",
        ),
        rx.fragment(),
    )


def _reversal() -> rx.Component:
    return form_dialog(
        AllConversionsState,
        "reverse",
        title="Undo this conversion?",
        text=AllConversionsState.chosen_title + ". Its reward and its points are taken back, and the tier may fall.",
        fields=(
            Field("reason", "Reason", "area", max_length=500, hint="For the record, such as: the order was refunded."),
        ),
        submit_label="Undo conversion",
        on_submit=AllConversionsState.reverse,
        danger=True,
    )
