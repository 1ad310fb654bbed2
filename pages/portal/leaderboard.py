"""Leaderboard: the board, live; where one stands; and what others see of one."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.flip import FlipBody
from pages.components.live import live_dot
from pages.components.local_time import local_time
from pages.components.podium import podium
from pages.components.rank import rank_head, rank_row
from pages.components.segmented import picker, segmented
from pages.components.select import select
from pages.components.skeleton import skeleton_podium, skeleton_rows
from pages.components.values import count, digits
from pages.portal.privacy import privacy
from pages.portal.prizes import prizes
from pages.portal.standing import standing
from pages.shell import shell
from state.leaderboard import LeaderboardState


def leaderboard() -> rx.Component:
    """Draw the leaderboard page."""
    return shell(
        "Leaderboard",
        rx.cond(
            LeaderboardState.standing != "",
            LeaderboardState.standing,
            "Who leads, where you stand, and what changed. It moves by itself.",
        ),
        area(
            LeaderboardState,
            _board(),
            loading=card(skeleton_podium(), skeleton_rows(8), flush=True),
            empty=empty_state(
                "trophy",
                "No scores in this period yet",
                "The first recorded action opens the board. Choose a longer period to see earlier scores.",
            ),
            retry=LeaderboardState.reload,
        ),
        rx.el.div(LeaderboardState.announcement, class_name="bz-sr", aria_live="polite", role="status"),
        path="/portal/leaderboard",
        lead=_toolbar(),
        aside=rx.fragment(standing(), prizes(), privacy()),
    )


def _toolbar() -> rx.Component:
    return rx.el.div(
        picker(LeaderboardState.boards, LeaderboardState.board, LeaderboardState.choose_board, label="Board"),
        rx.el.div(
            segmented(
                LeaderboardState.windows, LeaderboardState.window, LeaderboardState.choose_window, label="Period"
            ),
            rx.cond(
                count(LeaderboardState.periods) > 0,
                select(
                    LeaderboardState.periods, LeaderboardState.period, LeaderboardState.choose_period, label="Season"
                ),
            ),
            class_name="bz-periods",
        ),
        class_name="bz-toolbar",
    )


def _board() -> rx.Component:
    return card(
        rx.cond(LeaderboardState.is_around, _around(), podium(LeaderboardState.rows[:3], LeaderboardState.score_label)),
        rx.el.div(
            rx.el.table(
                rx.el.caption(LeaderboardState.board_title, ", ", LeaderboardState.window_label, class_name="bz-sr"),
                rank_head(LeaderboardState.score_label),
                FlipBody.create(
                    rx.foreach(LeaderboardState.rows, rank_row),
                    signal=LeaderboardState.rows,
                    board=LeaderboardState.board + ":" + LeaderboardState.window + LeaderboardState.period,
                ),
                rx.cond(LeaderboardState.is_me_below, rx.el.tfoot(rank_row(LeaderboardState.me))),
                class_name="bz-table bz-ranks",
            ),
            class_name="bz-table-wrap",
        ),
        _more(),
        title=LeaderboardState.board_title,
        hint=LeaderboardState.total_label,
        action=rx.el.div(_place(), _moment(), class_name="bz-board-acts"),
        flush=True,
        class_name="bz-board",
    )


def _moment() -> rx.Component:
    """Draw how fresh the rows are: live, or the final standings of a closed period."""
    return rx.cond(
        LeaderboardState.ended_at != "",
        rx.el.span(
            badge("Final standings", "neutral"),
            rx.el.span("Ended ", local_time(LeaderboardState.ended_at, "date")),
            class_name="bz-live",
        ),
        rx.el.span(
            live_dot(),
            rx.el.span("As of ", local_time(LeaderboardState.as_of, "clock")),
            class_name="bz-live",
        ),
    )


def _place() -> rx.Component:
    """Draw the way to the reader's own place, and back."""
    return rx.cond(
        LeaderboardState.is_around,
        _step("arrow_up_to_line", "Back to the top", LeaderboardState.back_to_top),
        rx.cond(LeaderboardState.has_rank, _step("locate", "Jump to me", LeaderboardState.jump_to_me)),
    )


def _step(icon: str, label: str, on_click: Any) -> rx.Component:
    return rx.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        label,
        on_click=on_click,
        loading=LeaderboardState.is_reading,
        variant="soft",
        color_scheme="gray",
    )


def _around() -> rx.Component:
    return rx.el.p(
        "The members around you. The first is on rank ",
        digits(LeaderboardState.rows[0]["rank"]),
        ".",
        class_name="bz-around-note bz-muted",
    )


def _more() -> rx.Component:
    return rx.cond(
        LeaderboardState.has_more,
        rx.el.div(
            rx.button(
                "Show more",
                on_click=LeaderboardState.show_more,
                loading=LeaderboardState.is_loading_more,
                variant="soft",
                color_scheme="gray",
            ),
            class_name="bz-more",
        ),
    )
