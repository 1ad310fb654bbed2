"""Both people of a case, each with what became of their other conversions."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.avatar import person
from pages.components.badge import badge
from pages.components.local_time import local_time
from pages.components.values import count
from pages.fraud.part import part
from state.fraud_desk import FraudDeskState
from state.fraud_rows import CountRow, OtherRow

CASE: Final[Any] = FraudDeskState.case  # rows' fields, which a type checker takes for plain text


def people() -> rx.Component:
    """Draw them side by side, and below each other where there is no room."""
    return rx.el.div(
        part(
            "The referrer",
            person(CASE["referrer"], CASE["referrer_email"], CASE["referrer_initials"]),
            rx.el.p("Member since ", local_time(CASE["referrer_since"], "date"), class_name="bz-small bz-muted"),
            _history(FraudDeskState.referrer_counts, FraudDeskState.referrer_others, "Brought nobody else so far."),
        ),
        part(
            "The referred",
            person(CASE["referred"], CASE["referred_detail"], CASE["referred_initials"]),
            rx.el.p("Other orders under the same inbox, in any spelling", class_name="bz-small bz-muted"),
            _history(FraudDeskState.referred_counts, FraudDeskState.referred_others, "No other order so far."),
        ),
        class_name="bz-case-people",
    )


def _history(counts: list[CountRow], others: list[OtherRow], nothing: str) -> rx.Component:
    return rx.cond(
        count(others) > 0,
        rx.fragment(
            rx.el.dl(rx.foreach(counts, _count), class_name="bz-counts"),
            rx.el.ul(rx.foreach(others, _other), class_name="bz-others"),
        ),
        rx.el.p(nothing, class_name="bz-muted"),
    )


def _count(row: CountRow) -> rx.Component:
    return rx.el.div(
        rx.el.dt(row["label"]),
        rx.el.dd(row["value"], class_name="bz-num bz-tone", data_tone=row["tone"]),
        key=row["key"],
    )


def _other(row: OtherRow) -> rx.Component:
    return rx.el.li(
        rx.el.span(row["who"], class_name="bz-truncate"),
        rx.el.span(row["amount"], class_name="bz-num bz-muted"),
        rx.el.span(local_time(row["at"], "date"), class_name="bz-small bz-muted"),
        badge(row["status"], row["tone"]),
        key=row["key"],
    )
