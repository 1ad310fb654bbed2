"""Platform overview, the table of tenants."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.badge import badge
from pages.components.confirm import confirm
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.table import Column
from pages.components.values import call, digits
from state.platform import STATUSES, PlatformTenantsState, TenantRow


def tenants() -> rx.Component:
    """Draw the table; its counts are all that the platform sees of a tenant."""
    return listing(
        PlatformTenantsState,
        PlatformTenantsState.rows,
        (
            Column("Tenant", _tenant, sort="name"),
            Column("Status", _status, sort="status"),
            Column("Members", lambda row: row["members"], end=True, sort="members"),
            Column("Sessions", lambda row: row["active_sessions"], end=True, sort="active_sessions"),
            Column("Events, 7 days", lambda row: row["events_7d"], end=True, sort="events_7d"),
            Column("Agents, 30 days", _spend, end=True),
            Column("Failed jobs, 30 days", _failed, end=True),
            Column("Since", lambda row: local_time(row["created_at"], "date"), end=True, sort="created_at"),
            Column("Actions", _acts, end=True, quiet=True),
        ),
        caption="Tenants of the platform",
        key=lambda row: row["id"],
        search="Search by name or short name",
        filters=(picker("status", "Status", "Any status", STATUSES),),
        action=rx.el.span("Counts only: what is inside stays with the tenant.", class_name="bz-small bz-muted"),
    )


def _tenant(row: TenantRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["initials"], class_name="bz-tile", aria_hidden="true"),
        rx.el.div(
            rx.el.span(row["name"], class_name="bz-strong bz-truncate"),
            rx.el.span(row["slug"], class_name="bz-small bz-muted bz-truncate"),
            class_name="bz-cell-text",
        ),
        class_name="bz-cell",
    )


def _status(row: TenantRow) -> rx.Component:
    shown = badge(row["status_label"], row["tone"])
    return rx.cond(
        row["departure"] == "waiting",
        rx.el.div(
            rx.el.div(shown),
            rx.el.span("Deleted after ", local_time(row["leaves_at"], "date"), class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        shown,
    )


def _spend(row: TenantRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["cost"]), rx.el.span(row["agents"], class_name="bz-small bz-muted"), class_name="bz-cell-text"
    )


def _failed(row: TenantRow) -> rx.Component:
    return rx.cond(
        row["failed_jobs"] > 0,
        badge(digits(row["failed_jobs"]), "warn"),
        rx.el.span("None", class_name="bz-muted"),
    )


def _acts(row: TenantRow) -> rx.Component:
    return rx.el.div(
        rx.match(
            row["departure"],
            ("waiting", _keep(row)),
            ("erasing", rx.el.span("None", class_name="bz-muted")),
            rx.cond(
                row["status"] == "suspended",
                rx.fragment(_reopen(row), _offboard(row)),
                act("ban", "Suspend " + row["name"], on_click=call(PlatformTenantsState.choose_tenant, row["id"])),
            ),
        ),
        class_name="bz-row-acts",
    )


def _reopen(row: TenantRow) -> rx.Component:
    return confirm(
        act("lock_open", "Let " + row["name"] + " in again"),
        title="Let " + row["name"] + " in again?",
        consequence="Its people can sign in again, its API keys work, and its showcases and referral links are "
        "public again.",
        action="Let in again",
        on_confirm=call(PlatformTenantsState.reopen, row["id"]),
        danger=False,
    )


def _offboard(row: TenantRow) -> rx.Component:
    return act("trash_2", "Off-board " + row["name"], on_click=call(PlatformTenantsState.choose_leaver, row["id"]))


def _keep(row: TenantRow) -> rx.Component:
    return confirm(
        act("undo_2", "Cancel the off-boarding of " + row["name"]),
        title="Keep " + row["name"] + "?",
        consequence="Nothing of it is deleted. It stays suspended until you let it in again.",
        action="Keep it",
        on_confirm=call(PlatformTenantsState.keep, row["id"]),
        danger=False,
    )
