"""Achievements: what one has won, what is near, and what others have."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.ring import ring
from pages.components.segmented import segmented
from pages.components.select import select
from pages.components.skeleton import skeleton, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import count
from pages.shell import shell
from state.achievements import AchievementsState
from state.rows import AchievementRow, Choice

STATUSES: Final[list[Choice]] = [
    {"value": "any", "label": "All"},
    {"value": "unlocked", "label": "Unlocked"},
    {"value": "in_progress", "label": "In progress"},
    {"value": "locked", "label": "Locked"},
]


def achievements() -> rx.Component:
    """Draw the page of achievements."""
    return shell(
        "Achievements",
        "What you have unlocked, what is near, and what gets you there.",
        area(
            AchievementsState,
            rx.el.div(
                rx.el.div(stat_row(AchievementsState.stats), class_name="bz-two-stats"),
                _filters(),
                _cards(),
                class_name="bz-blocks",
            ),
            loading=rx.el.div(
                rx.el.div(skeleton_stats(2), class_name="bz-two-stats"), _waiting(), class_name="bz-blocks"
            ),
            empty=empty_state(
                "award",
                "No achievements yet",
                "Your organisation has not published any. They appear here as soon as it does.",
            ),
            retry=AchievementsState.reload,
        ),
        path="/portal/achievements",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        segmented(STATUSES, AchievementsState.status, AchievementsState.choose_status, label="Status"),
        select(
            AchievementsState.categories,
            AchievementsState.category,
            AchievementsState.choose_category,
            label="Category",
        ),
        class_name="bz-toolbar",
    )


def _cards() -> rx.Component:
    return rx.cond(
        count(AchievementsState.cards) > 0,
        rx.el.ul(rx.foreach(AchievementsState.cards, _card), class_name="bz-shelf", aria_label="Achievements"),
        card(empty_state("search_x", "Nothing here", "No achievement matches what you chose to see.")),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        *[rx.el.div(skeleton("100%", "132px"), class_name="bz-card") for _ in range(6)],
        class_name="bz-shelf",
        aria_hidden="true",
    )


def _card(row: AchievementRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            _emblem(row),
            rx.el.div(
                rx.el.h2(row["name"]),
                rx.el.p(row["description"], class_name="bz-muted"),
                class_name="bz-cell-text",
            ),
            class_name="bz-shelf-head",
        ),
        rx.cond(row["next_action"] != "", rx.el.p(row["next_action"], class_name="bz-shelf-next")),
        rx.el.div(
            badge(row["status_label"], row["tone"]),
            rx.cond(row["unlocked_at"] != "", rx.el.span(local_time(row["unlocked_at"], "date"))),
            rx.cond(
                (row["unlocked_at"] == "") & (row["progress"] != ""),
                rx.el.span(row["progress"], class_name="bz-num"),
            ),
            rx.el.span(row["points"], class_name="bz-num"),
            rx.el.span(row["tier"]),
            rx.cond(row["rarity"] != "", rx.el.span(row["rarity"], class_name="bz-num")),
            class_name="bz-shelf-foot",
        ),
        key=row["key"],
        class_name="bz-card bz-shelf-card",
        data_status=row["status"],
    )


def _emblem(row: AchievementRow) -> rx.Component:
    """Draw what is won as a medal, a secret as a lock, and everything else as the way there."""
    return rx.cond(
        row["status"] == "unlocked",
        rx.el.span(rx.icon("award", size=24), class_name="bz-moment-icon", aria_hidden="true"),
        rx.cond(
            row["is_silhouette"],
            rx.el.span(rx.icon("lock", size=20), class_name="bz-shelf-lock", aria_hidden="true"),
            ring(row["percent"], label="Progress of " + row["name"]),
        ),
    )
