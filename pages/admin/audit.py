"""The audit log: what was done, by whom and how it ended; each line opens to its detail."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventType

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import framed, picker
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.timeline import act_icon
from pages.shell import shell
from state.audit import KINDS, OUTCOMES, PERIODS, AuditRow, AuditState, DetailRow


def audit() -> rx.Component:
    """Draw the page."""
    return shell(
        "Audit log",
        "Who did what in your organisation, newest first. Nobody can change or delete an entry.",
        area(
            AuditState,
            _log(),
            loading=card(skeleton_rows(10), flush=True),
            empty=empty_state("scroll_text", "Nothing yet", "What people and systems do here is written down."),
            retry=AuditState.reload,
        ),
        path="/admin/audit",
        action=rx.el.div(
            _export("Export as CSV", "csv", AuditState.export),
            _export("Export as JSON Lines", "jsonl", AuditState.export_lines),
            class_name="bz-acts",
        ),
    )


def _export(label: str, form: str, handler: EventType[()]) -> rx.Component:
    """Draw the button that gives what is listed, all pages of it, as a file."""
    return rx.button(
        rx.icon("download", size=16, aria_hidden="true"),
        label,
        variant="soft",
        loading=AuditState.exporting == form,
        disabled=AuditState.exporting != "",
        on_click=handler,
    )


def _log() -> rx.Component:
    return framed(
        AuditState,
        AuditState.rows,
        rx.el.ul(rx.foreach(AuditState.rows, _entry), class_name="bz-audit", aria_label="Entries of the audit log"),
        search="Search by person or action",
        filters=(
            picker("kind", "Kind", "All kinds", KINDS),
            picker("outcome", "Outcome", "Any outcome", OUTCOMES),
            picker("period", "Period", "Any time", PERIODS),
        ),
    )


def _entry(row: AuditRow) -> rx.Component:
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                act_icon(row["kind"], row["tone"]),
                rx.el.span(
                    rx.el.span(row["title"], class_name="bz-strong"),
                    rx.el.span(row["who"], class_name="bz-small bz-muted"),
                    class_name="bz-cell-text",
                ),
                rx.cond(row["outcome"] == "ok", rx.fragment(), badge(row["outcome_label"], row["outcome_tone"])),
                rx.el.span(local_time(row["at"], "datetime"), class_name="bz-small bz-muted bz-audit-at"),
                rx.icon("chevron_down", size=16, aria_hidden="true"),
            ),
            rx.el.dl(rx.foreach(row["facts"], _fact), class_name="bz-kv bz-audit-facts"),
        ),
        key=row["key"],
    )


def _fact(row: DetailRow) -> rx.Component:
    return rx.fragment(rx.el.dt(row["name"]), rx.el.dd(row["value"]), key=row["name"])
