"""Notifications: everything one was told, and where one wants to be told of what."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.notice_list import notice_list
from pages.components.segmented import segmented
from pages.components.select import select
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column, data_table
from pages.components.values import count
from pages.shell import shell
from state.notifications import NotificationsState
from state.rows import Choice, PreferenceRow
from state.session import SessionState

SHOWN: Final[list[Choice]] = [{"value": "all", "label": "All"}, {"value": "unread", "label": "Unread"}]


def notifications() -> rx.Component:
    """Draw the page of notifications."""
    return shell(
        "Notifications",
        "What happened to your achievements, ranks and rewards, newest first.",
        _filters(),
        area(
            NotificationsState,
            _list(),
            loading=card(skeleton_rows(6), flush=True),
            empty=_nothing(),
            retry=NotificationsState.reload,
        ),
        rx.el.div(_preferences(), id="preferences"),
        path="/portal/notifications",
        action=rx.cond(
            SessionState.unread_count > 0,
            rx.button(
                rx.icon("check_check", size=16, aria_hidden="true"),
                "Mark all read",
                variant="soft",
                on_click=NotificationsState.mark_all_read,
            ),
        ),
    )


def _filters() -> rx.Component:
    return rx.el.div(
        segmented(SHOWN, NotificationsState.shown, NotificationsState.choose_shown, label="Show"),
        select(
            NotificationsState.kinds,
            NotificationsState.kind,
            NotificationsState.choose_kind,
            label="Kind of notification",
        ),
        class_name="bz-toolbar",
    )


def _list() -> rx.Component:
    on_read: Any = NotificationsState.mark_read  # the decorator hides from a type checker that it can be called
    return card(
        notice_list(NotificationsState.rows, label="Notifications", on_read=on_read),
        rx.cond(
            NotificationsState.has_more,
            rx.el.div(
                rx.button(
                    "Show more",
                    variant="soft",
                    color_scheme="gray",
                    loading=NotificationsState.is_loading_more,
                    on_click=NotificationsState.show_more,
                ),
                class_name="bz-more",
            ),
        ),
        flush=True,
    )


def _nothing() -> rx.Component:
    is_filtered = (NotificationsState.shown != "all") | (NotificationsState.kind != "any")
    return rx.cond(
        is_filtered,
        empty_state("check_check", "Nothing here", "No notification matches what you chose to see."),
        empty_state(
            "bell",
            "Nothing yet",
            "Unlocks, rewards, reviews and moves on your boards are told here, as they happen.",
        ),
    )


def _preferences() -> rx.Component:
    return card(
        rx.cond(
            count(NotificationsState.preferences) > 0,
            data_table(
                NotificationsState.preferences,
                (
                    Column("Kind", _kind),
                    Column("In the app", lambda row: _switch(row, "in_app", "in the app")),
                    Column("By mail", lambda row: _switch(row, "by_mail", "by mail")),
                ),
                caption="Where you are told of what",
                key=lambda row: row["kind"],
            ),
            skeleton_rows(5),
        ),
        title="What you are told of",
        hint="Changes count at once, for what comes from now on.",
        flush=True,
    )


def _kind(row: PreferenceRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["label"], class_name="bz-strong"),
        rx.el.span(row["text"], class_name="bz-small bz-muted"),
        class_name="bz-cell-text",
    )


def _switch(row: PreferenceRow, channel: str, where: str) -> rx.Component:
    choose: Any = NotificationsState.choose_channel  # see `_list`
    checked = row["in_app"] if channel == "in_app" else row["by_mail"]
    return rx.el.label(
        rx.switch(
            checked=checked,
            on_change=lambda is_on: choose(row["kind"], channel, is_on),
            size="3",
            custom_attrs={"aria-label": row["label"] + f" {where}"},
        ),
        class_name="bz-switch",
    )
