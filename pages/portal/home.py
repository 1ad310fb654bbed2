"""Portal home: how the reader is doing, who is near on the board, and what happened lately."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.flip import FlipBody
from pages.components.rank import compact_row, rank_head
from pages.components.skeleton import skeleton_rows, skeleton_stats
from pages.components.stat import stat_row
from pages.components.timeline import timeline
from pages.components.values import count
from pages.portal.goals import goals, skeleton_goals
from pages.shell import shell
from state.home import PURPOSE, PortalHomeState
from state.session import SessionState


def home() -> rx.Component:
    """Draw the portal's home page."""
    return shell(
        rx.cond(SessionState.first_name != "", "Welcome back, " + SessionState.first_name, "Welcome back"),
        rx.cond(PortalHomeState.standing != "", PortalHomeState.standing, PURPOSE),
        area(
            PortalHomeState,
            rx.el.div(
                stat_row(PortalHomeState.stats),
                goals(),
                rx.el.div(
                    rx.cond(PortalHomeState.has_board, _around()),
                    _activity(),
                    class_name=rx.cond(PortalHomeState.has_board, "bz-halves", "bz-blocks"),
                ),
                class_name="bz-blocks",
            ),
            loading=rx.el.div(
                skeleton_stats(4),
                skeleton_goals(),
                rx.el.div(
                    card(skeleton_rows(5), flush=True), card(skeleton_rows(5), flush=True), class_name="bz-halves"
                ),
                class_name="bz-blocks",
            ),
            empty=empty_state(
                "sparkles",
                "Nothing recorded yet",
                "Your points, rank and activity appear here with your first recorded action.",
                rx.link(rx.button("See the leaderboard", variant="soft"), href="/portal/leaderboard", underline="none"),
            ),
            retry=PortalHomeState.reload,
        ),
        rx.el.div(PortalHomeState.announcement, class_name="bz-sr", aria_live="polite", role="status"),
        path="/portal",
    )


def _around() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.table(
                rx.el.caption("Your neighbours on the board", class_name="bz-sr"),
                rank_head(PortalHomeState.score_label, compact=True),
                FlipBody.create(
                    rx.foreach(PortalHomeState.around, compact_row),
                    signal=PortalHomeState.around,
                    board="around",
                ),
                class_name="bz-table bz-ranks bz-neighbours",
            ),
            class_name="bz-table-wrap",
        ),
        title="Around you",
        hint=PortalHomeState.board_title,
        action=rx.link("Open leaderboard", href="/portal/leaderboard", class_name="bz-link"),
        flush=True,
    )


def _activity() -> rx.Component:
    return card(
        rx.cond(
            count(PortalHomeState.activity) > 0,
            timeline(PortalHomeState.activity),
            empty_state("history", "No activity yet", "What you do shows up here, newest first."),
        ),
        title="Recent activity",
    )
