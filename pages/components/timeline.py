"""Timeline: what happened, newest first."""

from __future__ import annotations

from typing import Final, Literal

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
    "social": "share_2",
    "lead": "handshake",
    "review": "message_square_quote",
    "task": "circle_check",
    "wizard": "wand_sparkles",
    "showcase": "gallery_horizontal_end",
    "reward": "gift",
    "podium": "trophy",
    "reversal": "undo_2",
    "member": "users",
    "setting": "sliders_horizontal",
    "sign_in": "log_in",
    "sign_out": "log_out",
    "security": "shield_check",
    "click": "mouse_pointer_click",
    "key": "key_round",
    "invitation": "mail",
    "money": "banknote",
    "decision": "clipboard_check",
    "board": "trophy",
    "agent": "bot",
    "export": "download",
}
"""The icon of each kind of entry; a kind that is not listed gets the pulse of the ledger."""


def timeline(rows: list[TimelineRow], *, times: Literal["relative", "datetime"] = "relative") -> rx.Component:
    """Draw the entries as an ordered list; `times` says how their moments are told."""
    return rx.el.ol(rx.foreach(rows, lambda row: _entry(row, times)), class_name="bz-timeline")


def _entry(row: TimelineRow, times: Literal["relative", "datetime"]) -> rx.Component:
    return rx.el.li(
        act_icon(row["kind"], row["tone"]),
        rx.el.div(
            rx.el.span(row["title"]),
            rx.el.span(
                rx.cond(row["detail"] != "", rx.fragment(row["detail"], " · ")),
                local_time(row["at"], times),
                class_name="bz-small bz-muted",
            ),
            class_name="bz-timeline-text",
        ),
        rx.el.span(row["amount"], class_name="bz-timeline-amount bz-num bz-tone", data_tone=row["tone"]),
        key=row["key"],
    )


def act_icon(kind: str, tone: str) -> rx.Component:
    """Draw the icon of a kind of entry in its colour."""
    cases = [(name, rx.icon(icon, size=16)) for name, icon in ICONS.items()]
    return rx.el.span(
        rx.match(kind, *cases, rx.icon("activity", size=16)),
        class_name="bz-timeline-icon",
        data_tone=tone,
        aria_hidden="true",
    )
