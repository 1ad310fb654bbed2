"""Platform overview, what all tenants depend on: the engines, the queue, and further consoles."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.live import live_dot
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.sparkline import sparkline
from pages.components.table import Column, data_table
from pages.components.values import call, count
from state.platform_services import FailedTaskRow, PlatformServicesState, ServiceRow


def services() -> rx.Component:
    """Draw the engines, each with its latest latencies."""
    return card(
        area(
            PlatformServicesState,
            data_table(
                PlatformServicesState.services,
                (
                    Column("Service", _service),
                    Column("Last ten minutes", lambda row: sparkline(row["series"]), end=True),
                    Column("Latency", lambda row: row["latency"], end=True),
                ),
                caption="Health of the services",
                key=lambda row: row["name"],
                cards=False,
            ),
            loading=skeleton_rows(5),
            empty=rx.fragment(),
            retry=PlatformServicesState.reload,
            framed=False,
        ),
        title="Services",
        hint=rx.el.span(
            live_dot(), "Checked ", local_time(PlatformServicesState.checked_at), class_name="bz-live-hint"
        ),
        action=rx.el.button(
            rx.icon("refresh_cw", size=16, aria_hidden="true"),
            type="button",
            aria_label="Check the services again",
            class_name="bz-iconbtn",
            on_click=PlatformServicesState.reload,
        ),
        flush=True,
        class_name="bz-services",
    )


def _service(row: ServiceRow) -> rx.Component:
    return rx.el.div(
        rx.el.i(class_name="bz-dot", data_tone=row["tone"], aria_hidden="true"),
        rx.el.div(
            rx.el.span(row["label"], class_name="bz-strong"),
            rx.el.span(row["status_label"], ", ", row["spread"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        class_name="bz-cell",
    )


def jobs() -> rx.Component:
    """Draw what the queue holds and what has failed in it."""
    return card(
        rx.match(
            PlatformServicesState.area,
            (
                "full",
                rx.cond(
                    count(PlatformServicesState.failed) > 0,
                    data_table(
                        PlatformServicesState.failed,
                        (
                            Column("Job", lambda row: row["label"]),
                            Column("Failed", lambda row: badge(row["count"], "warn"), end=True),
                            Column("Last", lambda row: local_time(row["at"]), end=True),
                            Column("Actions", _retry, end=True, quiet=True),
                        ),
                        caption="Jobs that failed for good, by kind",
                        key=lambda row: row["key"],
                        cards=False,
                    ),
                    empty_state(
                        "circle_check", "No failed jobs", "A job that fails for good is counted here for two weeks."
                    ),
                ),
            ),
            skeleton_rows(3),
        ),
        title="Background jobs",
        hint=rx.cond(PlatformServicesState.queue != "", PlatformServicesState.queue, "Over all tenants"),
        flush=True,
    )


def _retry(row: FailedTaskRow) -> rx.Component:
    return act("rotate_ccw", "Try again: " + row["label"], on_click=call(PlatformServicesState.retry, row["key"]))


def consoles() -> rx.Component:
    """Draw the entries of further consoles."""
    return card(
        rx.el.div(
            rx.icon("database", size=20, aria_hidden="true"),
            rx.el.div(
                rx.el.span("Database console", class_name="bz-strong"),
                rx.el.span("Tables and rows for those who keep the installation", class_name="bz-small bz-muted"),
                class_name="bz-cell-text",
            ),
            rx.cond(
                PlatformServicesState.database_console != "",
                rx.el.a(
                    "Open",
                    rx.icon("arrow_up_right", size=16, aria_hidden="true"),
                    href=PlatformServicesState.database_console,
                    aria_label="Open the database console",
                    custom_attrs={"data-session": "open-api"},
                    class_name="bz-more-link",
                ),
                badge("Switched off here"),
            ),
            class_name="bz-console",
        ),
        title="Consoles",
        hint="Tools beside this one",
    )
