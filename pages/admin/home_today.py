"""Overview, what is new: what needs a decision, who joined last, and the latest lines of the audit log."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.avatar import person
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.live import live_dot
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column, data_table
from pages.components.timeline import timeline
from pages.components.values import count, digits
from state.admin_today import JOBS, AdminTodayState
from state.overview_rows import FailedJobRow, NeedRow


def needs() -> rx.Component:
    """Draw what waits for a person, each with where it is decided."""
    return area(
        AdminTodayState,
        card(
            rx.cond(
                count(AdminTodayState.needs) > 0,
                rx.el.ul(rx.foreach(AdminTodayState.needs, _need), class_name="bz-needs"),
                rx.el.div(
                    rx.icon("circle_check", size=20, aria_hidden="true"),
                    rx.el.span("Nothing waits for you. What does appears here by itself."),
                    class_name="bz-needs-none",
                ),
            ),
            title="Needs you today",
            hint=rx.el.span(
                live_dot(), digits(AdminTodayState.waiting), " waiting", role="status", class_name="bz-live-hint"
            ),
            flush=True,
        ),
        loading=card(skeleton_rows(3), title="Needs you today", flush=True),
        empty=rx.fragment(),
        retry=AdminTodayState.reload,
    )


def _need(row: NeedRow) -> rx.Component:
    body = (
        rx.match(
            row["icon"],
            ("shield_alert", rx.icon("shield_alert", size=18)),
            ("bot", rx.icon("bot", size=18)),
            ("award", rx.icon("award", size=18)),
            ("mail", rx.icon("mail", size=18)),
            rx.icon("triangle_alert", size=18),
        ),
        rx.el.span(digits(row["count"]), class_name="bz-need-count bz-num"),
        rx.el.span(
            rx.el.span(row["label"], class_name="bz-strong"),
            rx.el.span(row["hint"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        rx.icon("chevron_right", size=16, aria_hidden="true"),
    )
    return rx.el.li(
        rx.cond(
            row["path"] != "",
            rx.link(*body, href=row["path"], underline="none", class_name="bz-need"),
            rx.el.button(*body, type="button", on_click=AdminTodayState.open_jobs, class_name="bz-need"),
        ),
        key=row["key"],
    )


def members() -> rx.Component:
    """Draw the newest members."""
    return card(
        rx.cond(
            count(AdminTodayState.members) > 0,
            data_table(
                AdminTodayState.members,
                (
                    Column("Member", lambda row: person(row["name"], row["email"], row["initials"])),
                    Column("Role", lambda row: row["role_label"]),
                    Column("Status", lambda row: badge(row["status_label"], row["tone"])),
                    Column("Joined", lambda row: local_time(row["joined_at"], "date"), end=True),
                ),
                caption="The members who joined last",
                key=lambda row: row["id"],
            ),
            skeleton_rows(5),
        ),
        title="Newest members",
        action=_more("All members", "/admin/users"),
        flush=True,
    )


def audit() -> rx.Component:
    """Draw the latest lines of the audit log."""
    return card(
        rx.cond(count(AdminTodayState.audit) > 0, timeline(AdminTodayState.audit), skeleton_rows(6)),
        title="Audit log",
        hint="The last things done in your organisation",
        action=_more("Open audit log", "/admin/audit"),
    )


def _more(label: str, path: str) -> rx.Component:
    return rx.link(
        label,
        rx.icon("arrow_right", size=16, aria_hidden="true"),
        href=path,
        underline="none",
        class_name="bz-more-link",
    )


def failed_jobs() -> rx.Component:
    """Draw the dialog with the jobs that failed lately."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Failed jobs", size="5"),
            rx.dialog.description(
                "Work in the background that stopped with an error in the last seven days. Nothing half done was kept.",
                size="2",
                color=rx.color("gray", 11),
            ),
            rx.cond(
                AdminTodayState.is_reading,
                skeleton_rows(3),
                rx.cond(
                    count(AdminTodayState.failed) > 0,
                    rx.fragment(
                        rx.el.div(
                            rx.el.ul(rx.foreach(AdminTodayState.failed, _job), class_name="bz-failed"),
                            class_name="bz-failed-scroll",
                            tab_index=0,
                            role="region",
                            aria_label="Failed jobs, the latest first",
                        ),
                        rx.cond(
                            AdminTodayState.failed_note != "",
                            rx.el.p(AdminTodayState.failed_note, class_name="bz-small bz-muted"),
                        ),
                    ),
                    empty_state("circle_check", "No failed jobs", "No job has failed in the last seven days."),
                ),
            ),
            rx.el.div(
                rx.dialog.close(rx.button("Close", variant="soft", color_scheme="gray")), class_name="bz-form-actions"
            ),
            max_width="560px",
        ),
        open=AdminTodayState.dialog == JOBS,
        on_open_change=AdminTodayState.close_dialog,
    )


def _job(row: FailedJobRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.span(row["title"], class_name="bz-strong"), local_time(row["at"]), class_name="bz-failed-head"),
        rx.el.span(row["reason"], class_name="bz-muted"),
        key=row["key"],
    )
