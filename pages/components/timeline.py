"""Timeline: what happened, newest first."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.local_time import local_time
from state.rows import TimelineRow

ICONS: Final[dict[str, str]] = {
    "points": "star",
    "referral": "user_plus",
    "achievement": "award",
    "campaign": "megaphone",
    "sale": "shopping_bag",
    "content": "file_text",
    "reversal": "undo_2",
    "member": "users",
    "setting": "sliders_horizontal",
    "sign_in": "log_in",
    "security": "shield_check",
}
"""The icon of each kind of entry; a kind that is not listed gets a plain dot."""


def timeline(rows: list[TimelineRow]) -> rx.Component:
    """Draw the entries as an ordered list."""
    return rx.el.ol(rx.foreach(rows, _entry), class_name="bz-timeline")


def _entry(row: TimelineRow) -> rx.Component:
    return rx.el.li(
        rx.el.span(_icon(row["kind"]), class_name="bz-timeline-icon", data_tone=row["tone"], aria_hidden="true"),
        rx.el.div(
            rx.el.span(row["title"]),
            rx.el.span(
                rx.cond(row["detail"] != "", rx.fragment(row["detail"], " · ")),
                local_time(row["at"]),
                class_name="bz-small bz-muted",
            ),
            class_name="bz-timeline-text",
        ),
        rx.el.span(row["amount"], class_name="bz-timeline-amount bz-num bz-tone", data_tone=row["tone"]),
        key=row["key"],
    )


def _icon(kind: str) -> rx.Component:
    cases = [(name, rx.icon(icon, size=16)) for name, icon in ICONS.items()]
    return rx.match(kind, *cases, rx.icon("circle", size=12))
