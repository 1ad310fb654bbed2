"""What there is to win on the chosen board, with what would be the reader's now."""

from __future__ import annotations

import reflex as rx

from pages.components.badge import badge
from pages.components.card import card
from pages.components.rank import medal
from pages.components.values import count
from state.leaderboard import LeaderboardState
from state.ranks import PrizeLine


def prizes() -> rx.Component:
    """Draw the prizes by place; nothing for a board without any."""
    return rx.cond(
        count(LeaderboardState.prizes) > 0,
        card(
            rx.el.ul(rx.foreach(LeaderboardState.prizes, _prize), class_name="bz-prizes"),
            title="Prizes",
            hint="For the places when the period closes",
        ),
    )


def _prize(row: PrizeLine) -> rx.Component:
    is_mine = LeaderboardState.has_rank & (LeaderboardState.me["rank"] == row["rank"])
    return rx.el.li(
        medal(row["rank"]),
        rx.el.span(row["title"]),
        rx.cond(is_mine, badge("Your place", "accent")),
        class_name="bz-cell",
    )
