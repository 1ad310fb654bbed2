"""Leaderboards for administrators: every board, what it counts, who sees it, and whether it is in use."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act_link
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing, picker
from pages.components.set_aside import Back, set_aside
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call
from pages.shell import shell
from state.boards import STATUSES, BoardRow, BoardsState

PATH = "/admin/leaderboards"


def leaderboards() -> rx.Component:
    """Draw the page of boards."""
    return shell(
        "Leaderboards",
        "What your members compete for: what counts, who sees it, and what there is to win.",
        area(
            BoardsState,
            _boards(),
            loading=card(skeleton_rows(6), flush=True),
            empty=empty_state(
                "trophy", "No boards yet", "A board ranks members by what your ledger records.", new_board()
            ),
            retry=BoardsState.reload,
        ),
        path=PATH,
        action=new_board(),
    )


def new_board() -> rx.Component:
    """Draw the way to a new board."""
    return rx.link(
        rx.button(rx.icon("plus", size=16, aria_hidden="true"), "New board", tab_index=-1),
        href=f"{PATH}/board",
        underline="none",
    )


def _boards() -> rx.Component:
    return listing(
        BoardsState,
        BoardsState.rows,
        (
            Column("Board", _title, sort="title"),
            Column("Counts", lambda row: row["counts"]),
            Column("Shows", lambda row: row["seasons"]),
            Column("Seen by", lambda row: row["audience"]),
            Column("Prizes", lambda row: row["prizes"]),
            Column("Status", lambda row: badge(row["status_label"], row["tone"])),
            Column("Actions", _acts, end=True, quiet=True),
        ),
        caption="Leaderboards of your organisation",
        key=lambda row: row["key"],
        search="Search by title or key",
        filters=(picker("status", "Status", "All boards", STATUSES),),
    )


def _title(row: BoardRow) -> rx.Component:
    return rx.el.div(
        rx.link(row["title"], href=row["path"], class_name="bz-strong"),
        rx.el.span(row["key"], class_name="bz-small bz-muted"),
        class_name="bz-cell-text",
    )


def _acts(row: BoardRow) -> rx.Component:
    return rx.el.div(
        act_link("pencil", "Change " + row["title"], row["path"]),
        set_aside(
            row["status"] == "archived",
            Back("archive_restore", "Restore " + row["title"], call(BoardsState.change_status, row["key"], "active")),
            "archive",
            "Archive",
            row["title"],
            consequence="Members no longer see it and it counts nothing. Its seasons and its key stay; when you "
            "restore it, it is counted again with everything that has happened meanwhile.",
            on_confirm=call(BoardsState.change_status, row["key"], "archived"),
        ),
        class_name="bz-row-acts",
    )
