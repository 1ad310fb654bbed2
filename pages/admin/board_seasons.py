"""The closed seasons of a board with their winners, beside its editor."""

from __future__ import annotations

import reflex as rx

from pages.components.card import card
from pages.components.failure import failure
from pages.components.local_time import local_time
from pages.components.rank import medal
from pages.components.skeleton import skeleton
from state.board_history import BoardHistoryState
from state.seasons import SeasonRow, WinnerRow


def seasons() -> rx.Component:
    """Draw what the board has closed, the latest first; nothing for a board that has closed nothing."""
    state = BoardHistoryState
    return rx.match(
        state.area,
        ("loading", card(skeleton("100%", "96px"), title="Closed seasons")),
        ("failed", card(failure(state.failure_message, state.failure_request_id, state.load), title="Closed seasons")),
        ("empty", rx.fragment()),
        card(
            rx.el.ol(rx.foreach(state.seasons, _season), class_name="bz-seasons"),
            rx.cond(
                state.has_more,
                rx.button(
                    "Show earlier ones",
                    type="button",
                    variant="soft",
                    color_scheme="gray",
                    on_click=state.show_more,
                    loading=state.is_reading,
                ),
            ),
            title="Closed seasons",
            hint="As they were announced",
        ),
    )


def _season(row: SeasonRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row["title"], class_name="bz-strong"),
            rx.el.span(row["total"], ", ended ", local_time(row["ended_at"], "date"), class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        rx.el.ol(rx.foreach(row["winners"], _winner), class_name="bz-winners"),
        key=row["period"],
    )


def _winner(row: WinnerRow) -> rx.Component:
    return rx.el.li(
        medal(row["rank"]),
        rx.el.span(row["name"], class_name="bz-truncate"),
        rx.el.span(row["score"], class_name="bz-num bz-muted"),
        class_name="bz-cell",
    )
