"""The privacy switch: what others see of the reader on every board, in force at once."""

from __future__ import annotations

from typing import Final

import reflex as rx
from state.leaderboard import LeaderboardState

from pages.components.avatar import avatar
from pages.components.card import card

_MODES: Final = (
    ("public", "Your name", "Others see your name and score."),
    ("pseudonym", "A pseudonym", "Others see a made-up name with your score."),
    ("hidden", "Hidden", "You are left out. Only you see your rank."),
)


def privacy() -> rx.Component:
    """Draw the three choices and what others see with the chosen one."""
    return card(
        rx.el.fieldset(
            rx.el.legend("On every leaderboard, others see", class_name="bz-muted"),
            *[_mode(*mode) for mode in _MODES],
            class_name="bz-privacy",
        ),
        rx.el.div(
            rx.cond(
                LeaderboardState.privacy == "hidden",
                rx.el.span("Nobody sees you on a board.", class_name="bz-muted"),
                rx.fragment(
                    avatar(LeaderboardState.preview_initials),
                    rx.el.div(
                        rx.el.span("Others see", class_name="bz-small bz-muted"),
                        rx.el.span(LeaderboardState.preview_name, class_name="bz-strong bz-truncate"),
                        class_name="bz-cell-text",
                    ),
                ),
            ),
            class_name="bz-preview",
            aria_live="polite",
        ),
        title="Privacy",
    )


def _mode(value: str, label: str, text: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="privacy",
            value=value,
            checked=LeaderboardState.privacy == value,
            on_change=lambda _value: LeaderboardState.choose_privacy(value),
        ),
        rx.el.span(
            rx.el.span(label, class_name="bz-strong"),
            rx.el.span(text, class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        class_name="bz-option",
    )
