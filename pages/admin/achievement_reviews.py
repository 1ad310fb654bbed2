"""Doubtful unlocks: what looks like manipulation, confirmed or revoked by a person with a note."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.area import area
from pages.components.avatar import person
from pages.components.badge import badge
from pages.components.card import card
from pages.components.dialog import Field, choices, form_dialog
from pages.components.empty import empty_state
from pages.components.listing import Filter, listing
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call
from state.achievement_reviews import AchievementReviewsState as Reviews
from state.achievement_reviews import ReviewRow


def reviews() -> rx.Component:
    """Draw the table of reviews with its dialogs."""
    return rx.el.div(
        area(
            Reviews,
            listing(
                Reviews,
                Reviews.rows,
                (
                    Column("Member", lambda row: person(row["name"], row["achievement"], row["initials"])),
                    Column("What was seen", _seen),
                    Column("Since", lambda row: local_time(row["created_at"], "date")),
                    Column("Status", _status),
                    Column("Actions", _acts, end=True, quiet=True),
                ),
                caption="Doubtful unlocks",
                key=lambda row: row["id"],
                search="Search by member or achievement",
                filters=(
                    Filter(
                        "status",
                        "Status",
                        choices(
                            ("open", "To decide"),
                            ("confirmed", "Confirmed"),
                            ("revoked", "Revoked"),
                            ("", "All of them"),
                        ),
                    ),
                ),
            ),
            loading=card(skeleton_rows(4), flush=True),
            empty=_nothing(),
            retry=Reviews.reload,
        ),
        _dialog("confirm"),
        _dialog("revoke"),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "shield_check",
        "Nothing to decide",
        "Unlocks that come faster than a person works, or in an impossible order, wait here for you.",
        rx.cond(
            Reviews.filters["status"] == "open",
            rx.button("Show decided ones", variant="soft", on_click=call(Reviews.choose_filter, "status", "")),
        ),
    )


def _seen(row: ReviewRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["seen"], class_name="bz-strong"),
        rx.el.span(row["detail"], " ", row["events"], ".", class_name="bz-small bz-muted"),
        class_name="bz-cell-text",
    )


def _status(row: ReviewRow) -> rx.Component:
    return rx.el.div(
        badge(row["status_label"], row["tone"]),
        rx.cond(row["note"] != "", rx.el.span(row["note"], class_name="bz-small bz-muted")),
        class_name="bz-review-status",
    )


def _acts(row: ReviewRow) -> rx.Component:
    return rx.cond(
        row["status"] == "open",
        rx.el.div(
            act(
                "check",
                "Confirm " + row["achievement"] + " of " + row["name"],
                on_click=call(Reviews.choose_review, row["id"], "confirm"),
            ),
            act(
                "ban",
                "Revoke " + row["achievement"] + " of " + row["name"],
                on_click=call(Reviews.choose_review, row["id"], "revoke"),
            ),
            class_name="bz-row-acts",
        ),
    )


def _dialog(decision: str) -> rx.Component:
    is_confirm = decision == "confirm"
    whose = (
        rx.Var.create(Reviews.chosen["achievement"]).to(str) + " of " + rx.Var.create(Reviews.chosen["name"]).to(str)
    )
    return form_dialog(
        Reviews,
        decision,
        title=("Confirm " if is_confirm else "Revoke ") + whose,
        text="They keep it, with its points, and are told."
        if is_confirm
        else "It is taken away with its points, and they are told.",
        fields=(
            Field(
                "note", "Note", "area", optional=True, max_length=500, hint="Why you decided so, for who looks later."
            ),
        ),
        submit_label="Confirm unlock" if is_confirm else "Revoke unlock",
        on_submit=Reviews.confirm_unlock if is_confirm else Reviews.revoke_unlock,
        danger=not is_confirm,
    )
