"""Platform overview: every tenant, and the services they all depend on."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.facts import fact_list
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows, skeleton_stats
from pages.components.stat import stat_row
from pages.components.table import Column, data_table
from pages.components.values import count, words
from pages.shell import shell
from state.agent_overview import AgentOverviewState
from state.platform import PlatformHomeState
from state.rows import ServiceRow, TenantRow


def home() -> rx.Component:
    """Draw the platform overview."""
    return shell(
        "Platform",
        "Every tenant, and the services they all depend on.",
        area(
            PlatformHomeState,
            rx.el.div(stat_row(PlatformHomeState.stats), _tenants(), class_name="bz-blocks"),
            loading=rx.el.div(skeleton_stats(4), card(skeleton_rows(4), flush=True), class_name="bz-blocks"),
            empty=empty_state("building_2", "No tenants yet", "Each organisation on the platform is listed here."),
            retry=PlatformHomeState.load,
        ),
        path="/platform",
        aside=rx.fragment(_services(), _agents()),
    )


def _tenants() -> rx.Component:
    return card(
        data_table(
            PlatformHomeState.tenants,
            (
                Column("Tenant", _tenant),
                Column("Status", lambda row: badge(row["status_label"], row["tone"])),
                Column("Members", lambda row: row["members"], end=True),
                Column("Sessions", lambda row: row["active_sessions"], end=True),
                Column("Events, 7 days", lambda row: row["events_7d"], end=True),
                Column("Since", lambda row: local_time(row["created_at"], "date"), end=True),
            ),
            caption="Tenants of the platform",
            key=lambda row: row["id"],
        ),
        title="Tenants",
        hint="Counts only. What is inside a tenant stays with the tenant.",
        flush=True,
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


def _services() -> rx.Component:
    return card(
        rx.cond(
            count(PlatformHomeState.services) > 0,
            data_table(
                PlatformHomeState.services,
                (
                    Column("Service", _service),
                    Column("Latency", lambda row: rx.el.span(row["latency"], class_name="bz-muted"), end=True),
                ),
                caption="Health of the services",
                key=lambda row: row["name"],
                cards=False,
            ),
            skeleton_rows(4),
        ),
        title="Services",
        hint=rx.fragment("Checked ", local_time(PlatformHomeState.checked_at)),
        action=rx.el.button(
            rx.icon("refresh_cw", size=16, aria_hidden="true"),
            type="button",
            aria_label="Check the services again",
            class_name="bz-iconbtn",
            on_click=PlatformHomeState.check_services,
        ),
        flush=True,
    )


def _agents() -> rx.Component:
    return card(
        area(
            AgentOverviewState,
            fact_list(AgentOverviewState.areas),
            loading=skeleton_rows(4),
            empty=empty_state("bot", "No agents", "This installation serves none."),
            retry=AgentOverviewState.load,
            framed=False,
        ),
        title="Agents",
        hint=rx.cond(
            AgentOverviewState.area == "full",
            words(AgentOverviewState.total) + " on " + words(AgentOverviewState.engine),
            "Agents by area",
        ),
    )


def _service(row: ServiceRow) -> rx.Component:
    return rx.el.div(
        rx.el.i(class_name="bz-dot", data_tone=row["tone"], aria_hidden="true"),
        rx.el.div(
            rx.el.span(row["label"], class_name="bz-strong"),
            rx.el.span(row["status_label"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        class_name="bz-cell",
    )
