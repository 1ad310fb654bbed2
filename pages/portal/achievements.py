"""Achievements: what one has won, what is near, and what others have."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.achievement_card import achievement_card, next_step
from pages.components.area import area
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.ring import ring
from pages.components.segmented import segmented
from pages.components.select import select
from pages.components.skeleton import skeleton, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import count
from pages.shell import shell
from state.achievements import AchievementsState
from state.rows import AchievementRow, Choice
from state.shelf import ShelfRow

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
                _goals(),
                _filters(),
                _shelves(),
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


def _goals() -> rx.Component:
    """Draw what is nearest, each with the way there."""
    return rx.cond(
        count(AchievementsState.goals) > 0,
        rx.el.section(
            rx.el.h2("Next goals", class_name="bz-shelf-title"),
            rx.el.ul(rx.foreach(AchievementsState.goals, _goal), class_name="bz-near-list", aria_label="Next goals"),
        ),
    )


def _goal(row: AchievementRow) -> rx.Component:
    return rx.el.li(
        ring(row["percent"], label="Progress towards " + row["name"]),
        rx.el.div(
            rx.el.h3(row["name"]),
            rx.el.p(
                rx.el.span(row["progress"], class_name="bz-num"), " · ", row["points"], class_name="bz-small bz-muted"
            ),
            class_name="bz-cell-text",
        ),
        next_step(row),
        key=row["key"],
        class_name="bz-card bz-near",
    )


def _shelves() -> rx.Component:
    return rx.cond(
        count(AchievementsState.shelves) > 0,
        rx.fragment(rx.foreach(AchievementsState.shelves, _shelf)),
        card(
            empty_state(
                "search_x",
                "Nothing here",
                "No achievement matches what you chose to see.",
                rx.button("Show all of them", variant="soft", on_click=AchievementsState.show_all),
            )
        ),
    )


def _shelf(shelf: ShelfRow) -> rx.Component:
    return rx.el.section(
        rx.el.h2(
            shelf["label"],
            rx.el.span(shelf["won"], rx.el.span(" unlocked", class_name="bz-sr"), class_name="bz-num bz-shelf-won"),
            class_name="bz-shelf-title",
        ),
        rx.el.ul(rx.foreach(shelf["cards"], achievement_card), class_name="bz-shelf", aria_label=shelf["label"]),
        key=shelf["key"],
    )


def _waiting() -> rx.Component:
    goal = rx.el.div(skeleton("48px", "48px", round_=True), skeleton("70%", "20px"), class_name="bz-card bz-near")
    shown = rx.el.div(
        skeleton("60%", "20px"), skeleton("90%", "16px"), skeleton("70%", "16px"), class_name="bz-card bz-card-body"
    )
    return rx.el.div(
        rx.el.div(goal, goal, goal, class_name="bz-near-list"),
        rx.el.div(*[shown] * 6, class_name="bz-shelf"),
        class_name="bz-blocks",
        aria_hidden="true",
    )
