"""Next goals: the nearest achievements, each with what gets there."""

from __future__ import annotations

import reflex as rx

from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.ring import ring
from pages.components.skeleton import skeleton
from pages.components.values import count
from state.goals import GoalRow
from state.home import SHOWN_GOALS, PortalHomeState


def goals() -> rx.Component:
    """Draw the goals as cards."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Next goals"),
            rx.link("All achievements", href="/portal/achievements", class_name="bz-link"),
            class_name="bz-goals-head",
        ),
        rx.cond(
            count(PortalHomeState.goals) > 0,
            rx.el.ul(rx.foreach(PortalHomeState.goals, _goal), class_name="bz-goals"),
            card(
                empty_state("award", "Everything is unlocked", "You have all there is. New achievements appear here.")
            ),
        ),
        class_name="bz-section",
    )


def skeleton_goals() -> rx.Component:
    """Draw the goals that are not known yet."""
    return rx.el.div(
        *[rx.el.div(skeleton("100%", "112px"), class_name="bz-card bz-goal") for _ in range(SHOWN_GOALS)],
        class_name="bz-goals",
        aria_hidden="true",
    )


def _goal(row: GoalRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            ring(row["percent"], label="Progress of " + row["name"]),
            rx.el.div(
                rx.el.h3(row["name"]),
                rx.el.span(row["progress"], " · ", row["points"], class_name="bz-small bz-muted bz-num"),
                class_name="bz-cell-text",
            ),
            class_name="bz-cell",
        ),
        rx.el.p(row["action"]),
        rx.link(
            rx.el.span(row["link"], rx.el.span(" for " + row["name"], class_name="bz-sr")),
            rx.icon("arrow_right", size=16, aria_hidden="true"),
            href=row["path"],
            underline="none",
            class_name="bz-goal-link",
        ),
        key=row["key"],
        class_name="bz-card bz-goal",
    )
