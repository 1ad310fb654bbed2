"""Notice list: what a person was told, newest first, with what is unread marked in words and colour."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.local_time import local_time
from state.rows import NoticeRow

ICONS: Final[dict[str, str]] = {
    "unlock": "award",
    "rank_change": "trending_up",
    "conversion": "user_plus",
    "reward": "gift",
    "hold": "hourglass",
    "season": "calendar_range",
    "system": "info",
    "campaign": "megaphone",
}
"""The icon of each kind."""


def notice_list(rows: list[NoticeRow], *, label: str, on_read: Any) -> rx.Component:
    """Draw the notices; `on_read` is given the key of one that was opened or marked."""
    return rx.el.ul(rx.foreach(rows, lambda row: _notice(row, on_read)), class_name="bz-notices", aria_label=label)


def notice_icon(kind: str) -> rx.Component:
    """Draw the icon of a kind in its colour."""
    cases = [(name, rx.icon(icon, size=16)) for name, icon in ICONS.items()]
    return rx.el.span(
        rx.match(kind, *cases, rx.icon("bell", size=16)),
        class_name="bz-timeline-icon bz-notice-icon",
        data_kind=kind,
        aria_hidden="true",
    )


def _notice(row: NoticeRow, on_read: Any) -> rx.Component:
    return rx.el.li(
        notice_icon(row["kind"]),
        rx.el.div(
            rx.cond(
                row["path"] != "",
                rx.link(row["title"], href=row["path"], on_click=on_read(row["key"]), class_name="bz-notice-title"),
                rx.el.span(row["title"], class_name="bz-notice-title"),
            ),
            rx.cond(row["body"] != "", rx.el.p(row["body"])),
            rx.el.span(
                rx.cond(row["is_unread"], rx.el.span("Unread · ", class_name="bz-notice-new")),
                local_time(row["at"]),
                class_name="bz-small bz-muted",
            ),
            class_name="bz-notice-text",
        ),
        rx.cond(row["is_unread"], _read_button(row, on_read)),
        key=row["key"],
        data_unread=rx.cond(row["is_unread"], "true", "false"),
    )


def _read_button(row: NoticeRow, on_read: Any) -> rx.Component:
    return rx.el.button(
        rx.icon("check", size=16, aria_hidden="true"),
        type="button",
        title="Mark as read",
        aria_label="Mark as read: " + row["title"],
        class_name="bz-iconbtn",
        on_click=on_read(row["key"]),
    )
