"""Who would lead by the board as the editor holds it now."""

from __future__ import annotations

import reflex as rx

from pages.components.avatar import avatar
from pages.components.card import card
from pages.components.rank import medal
from pages.components.skeleton import skeleton_rows
from pages.components.values import count
from state.board_editor import BoardEditorState
from state.board_places import PlaceRow


def places() -> rx.Component:
    """Draw the preview; while it is counted again the last one stays in sight."""
    state = BoardEditorState
    return card(
        rx.cond(
            count(state.places) > 0,
            _table(),
            rx.cond(
                state.is_counting,
                skeleton_rows(6),
                rx.el.p(state.places_note, class_name="bz-muted bz-places-note"),
            ),
        ),
        title="Who would lead",
        hint=rx.cond(state.places_title != "", state.places_title, "Counted from all that is recorded"),
        action=rx.cond(state.is_counting, rx.el.span("Counting", class_name="bz-small bz-muted", role="status")),
        flush=True,
        class_name="bz-places",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption("The first places by this definition", class_name="bz-sr"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Rank", scope="col", class_name="bz-col-rank"),
                rx.el.th("Member", scope="col"),
                rx.el.th("Score", scope="col", class_name="bz-end"),
            )
        ),
        rx.el.tbody(rx.foreach(BoardEditorState.places, _place)),
        class_name="bz-table bz-ranks",
        aria_busy=rx.cond(BoardEditorState.is_counting, "true", "false"),
    )


def _place(row: PlaceRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(medal(row["rank"]), class_name="bz-col-rank"),
        rx.el.td(
            rx.el.div(avatar(row["initials"]), rx.el.span(row["name"], class_name="bz-truncate"), class_name="bz-cell")
        ),
        rx.el.td(row["score"], class_name="bz-end bz-num bz-strong"),
        key=row["key"],
    )
