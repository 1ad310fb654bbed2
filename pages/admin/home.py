"""Admin overview: how the organisation is doing, who joined, and what was done."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.avatar import person
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton, skeleton_rows, skeleton_stats
from pages.components.stat import stat_row
from pages.components.table import Column, data_table
from pages.components.timeline import timeline
from pages.components.trend import trend
from pages.shell import shell
from state.admin import AdminHomeState


def home() -> rx.Component:
    """Draw the admin overview."""
    return shell(
        "Overview",
        AdminHomeState.purpose,
        area(
            AdminHomeState,
            rx.el.div(
                stat_row(AdminHomeState.stats),
                rx.el.div(
                    rx.el.div(_trend(), _members(), class_name="bz-blocks"), _audit(), class_name="bz-with-aside"
                ),
                class_name="bz-blocks",
            ),
            loading=rx.el.div(
                skeleton_stats(4),
                card(skeleton("100%", "260px")),
                card(skeleton_rows(5), flush=True),
                class_name="bz-blocks",
            ),
            empty=empty_state(
                "chart_line",
                "No activity yet",
                "Events sent by your systems or done by your members appear here by day, with who took part.",
                rx.el.a(
                    rx.button("Read the API reference", variant="soft"),
                    href="/api/docs",
                    custom_attrs={"data-session": "open-api"},
                ),
            ),
            retry=AdminHomeState.load,
        ),
        path="/admin",
    )


def _trend() -> rx.Component:
    return card(
        trend(AdminHomeState.trend, AdminHomeState.trend_summary, first="Events", second="Active members"),
        title="Activity by day",
        hint=AdminHomeState.trend_period,
    )


def _members() -> rx.Component:
    return card(
        data_table(
            AdminHomeState.members,
            (
                Column("Member", lambda row: person(row["name"], row["email"], row["initials"])),
                Column("Role", lambda row: row["role_label"]),
                Column("Status", lambda row: badge(row["status_label"], row["tone"])),
                Column("Joined", lambda row: local_time(row["joined_at"], "date")),
            ),
            caption="The members who joined last",
            key=lambda row: row["id"],
        ),
        title="Newest members",
        flush=True,
    )


def _audit() -> rx.Component:
    return card(timeline(AdminHomeState.audit), title="Audit log", hint="The last things done in your organisation")
