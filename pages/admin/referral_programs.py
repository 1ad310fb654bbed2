"""The tab of referral programmes."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.set_aside import asked_act
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call
from state.referral_editor import ProgramEditorState
from state.referral_programs import STATUSES, ProgramsState
from state.referral_rows import ProgramRow


def programs() -> rx.Component:
    """Draw the table of programmes."""
    return area(
        ProgramsState,
        listing(
            ProgramsState,
            ProgramsState.rows,
            (
                Column("Programme", _name, sort="name"),
                Column("Status", lambda row: badge(row["status_label"], row["tone"]), sort="status"),
                Column("Reward", lambda row: row["reward"]),
                Column("Tiers", lambda row: row["tiers"]),
                Column("Hold", lambda row: row["hold"]),
                Column("Changed", lambda row: local_time(row["changed_at"], "date"), sort="updated_at"),
                Column("Actions", _acts, end=True, quiet=True),
            ),
            caption="Referral programmes",
            key=lambda row: row["id"],
            search="Search by name",
            filters=(picker("status", "Status", "Any status", STATUSES),),
        ),
        loading=card(skeleton_rows(4), flush=True),
        empty=empty_state(
            "share_2",
            "No programme yet",
            "A programme says what a referral earns. With one, every member has a link to share.",
            rx.button("New programme", on_click=ProgramEditorState.begin),
        ),
        retry=ProgramsState.reload,
    )


def _name(row: ProgramRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            rx.el.span(row["name"], class_name="bz-strong"),
            rx.cond(row["is_default"], badge("Default", "accent")),
            class_name="bz-program-name",
        ),
        rx.el.span(row["detail"], class_name="bz-small bz-muted bz-truncate"),
        class_name="bz-cell-text bz-program",
    )


def _acts(row: ProgramRow) -> rx.Component:
    return rx.cond(
        row["status"] == "archived",
        rx.fragment(),
        rx.el.div(
            act("pencil", "Edit " + row["name"], on_click=call(ProgramEditorState.edit, row["id"])),
            rx.cond(row["status"] == "active", _pause(row), _resume(row)),
            asked_act(
                "archive",
                "Archive",
                row["name"],
                consequence="Its links stop counting and it cannot be opened again. What was earned in it stays, and "
                "can still be paid out.",
                on_confirm=call(ProgramsState.change_status, row["id"], "archived"),
            ),
            class_name="bz-row-acts",
        ),
    )


def _pause(row: ProgramRow) -> rx.Component:
    return asked_act(
        "pause",
        "Pause",
        row["name"],
        consequence="Its links still lead on, but nothing new is counted until you let it run again.",
        on_confirm=call(ProgramsState.change_status, row["id"], "paused"),
        danger=False,
    )


def _resume(row: ProgramRow) -> rx.Component:
    return act("play", "Start " + row["name"], on_click=call(ProgramsState.change_status, row["id"], "active"))
