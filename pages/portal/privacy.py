"""The privacy switch: what others see of the reader on every board, in force at once."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.avatar import avatar
from pages.components.card import card
from pages.components.choice_cards import choice_cards
from pages.components.skeleton import skeleton
from state.leaderboard import LeaderboardState

MODES: Final[list[dict[str, str]]] = [
    {"value": "public", "label": "Your name", "text": "Others see your name and score."},
    {"value": "pseudonym", "label": "A pseudonym", "text": "Others see a made-up name with your score."},
    {"value": "hidden", "label": "Hidden", "text": "You are left out. Only you see your rank."},
]


def privacy(state: Any = LeaderboardState) -> rx.Component:
    """Draw the three choices and what others see with the chosen one; nothing is marked before it is known."""
    unknown = rx.cond(state.area == "failed", rx.fragment(), card(skeleton("100%", "268px"), title="Privacy"))
    return rx.cond(state.privacy == "", unknown, card(_choices(state), title="Privacy"))


def _choices(state: Any) -> rx.Component:
    return rx.fragment(
        choice_cards(
            MODES,
            name="privacy",
            legend="On every leaderboard, others see",
            value=state.privacy,
            on_choose=state.choose_privacy,
        ),
        rx.el.div(
            rx.cond(state.privacy == "hidden", _hidden(), _shown(state)),
            class_name="bz-preview",
            aria_live="polite",
        ),
    )


def _hidden() -> rx.Component:
    return rx.el.span("Nobody sees you on a board.", class_name="bz-muted")


def _shown(state: Any) -> rx.Component:
    return rx.fragment(
        avatar(state.preview_initials),
        rx.el.div(
            rx.el.span("Others see", class_name="bz-small bz-muted"),
            rx.el.span(state.preview_name, class_name="bz-strong bz-truncate"),
            class_name="bz-cell-text",
        ),
    )
