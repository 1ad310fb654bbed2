"""The tab of imported files, each of which can be taken back."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing
from pages.components.local_time import local_time
from pages.components.set_aside import asked_act
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call
from state.product_rows import ImportRow, KeptRow
from state.products import ImportsState


def imports() -> rx.Component:
    """Draw the table of imports."""
    return area(
        ImportsState,
        listing(
            ImportsState,
            ImportsState.rows,
            (
                Column("File", lambda row: rx.el.span(row["file_name"], class_name="bz-strong bz-desk-file")),
                Column("Imported", lambda row: local_time(row["applied_at"], "datetime"), sort="applied_at"),
                Column("Rows", lambda row: row["rows"]),
                Column("Left out", lambda row: row["refused"], end=True),
                Column("Status", _status),
                Column("Actions", _acts, end=True, quiet=True),
            ),
            caption="Files that were imported",
            key=lambda row: row["id"],
        ),
        loading=card(skeleton_rows(4), flush=True),
        empty=empty_state("file_up", "No imports yet", "Each file that the sourcing wizard imports is kept here."),
        retry=ImportsState.reload,
    )


def _status(row: ImportRow) -> rx.Component:
    """Draw whether it was taken back, and what stayed when it was."""
    return rx.el.div(
        rx.el.span(
            badge(row["status_label"], row["tone"]),
            rx.cond(
                row["undone_at"] != "",
                rx.el.span(local_time(row["undone_at"], "datetime"), class_name="bz-small bz-muted"),
            ),
            class_name="bz-desk-outcome",
        ),
        rx.cond(
            row["kept_note"] != "",
            rx.el.details(
                rx.el.summary(row["kept_note"]),
                rx.el.ul(rx.foreach(row["kept"], _kept)),
                class_name="bz-desk-kept",
            ),
        ),
        class_name="bz-cell-text",
    )


def _kept(row: KeptRow) -> rx.Component:
    return rx.el.li(rx.el.span(row["label"], class_name="bz-strong"), ": ", row["reason"], key=row["key"])


def _acts(row: ImportRow) -> rx.Component:
    return rx.cond(
        row["can_undo"],
        rx.el.div(
            asked_act(
                "undo_2",
                "Undo",
                row["file_name"],
                consequence="What this file added is removed, and what it changed gets its earlier values. What was "
                "changed, offered or published since stays as it is and is named here.",
                on_confirm=call(ImportsState.undo, row["id"]),
            ),
            class_name="bz-row-acts",
        ),
        rx.fragment(),
    )
