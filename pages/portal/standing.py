"""Where the reader stands on the chosen board, in four facts."""

from __future__ import annotations

import reflex as rx

from pages.components.card import card
from pages.components.key_values import key_values
from pages.components.rank import movement
from pages.components.skeleton import skeleton_rows
from pages.components.values import digits
from state.leaderboard import LeaderboardState


def standing() -> rx.Component:
    """Draw the reader's own rank; says so when there is none yet."""
    return rx.match(
        LeaderboardState.area,
        ("loading", card(skeleton_rows(2), title="Your standing", flush=True)),
        ("failed", rx.fragment()),
        card(rx.cond(LeaderboardState.has_rank, _facts(), _unranked()), title="Your standing"),
    )


def _facts() -> rx.Component:
    me = LeaderboardState.me
    return rx.fragment(
        rx.el.div(
            rx.el.span("#", digits(me["rank"]), class_name="bz-stat-value bz-num"),
            movement(me),
            class_name="bz-cell",
        ),
        key_values(
            (LeaderboardState.score_label, rx.el.span(me["score"], class_name="bz-num bz-strong")),
            ("In the top", rx.el.span(LeaderboardState.top_label, class_name="bz-num")),
            ("At or above", rx.el.span(LeaderboardState.level_label, class_name="bz-num")),
            ("To the next rank", rx.el.span(LeaderboardState.gap_label, class_name="bz-num")),
        ),
    )


def _unranked() -> rx.Component:
    return rx.el.p(
        "You have no score in this period yet. Your first recorded action puts you on the board.",
        class_name="bz-muted",
        style={"margin": "0"},
    )
