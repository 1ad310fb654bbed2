"""Platform overview: every tenant, the services they all depend on, and what stands beside them."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.facts import facts
from pages.components.skeleton import skeleton_rows, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import call, words
from pages.platform import home_dialogs, home_services, home_tenants
from pages.shell import shell
from state.agent_overview import AgentOverviewState
from state.platform import CREATE, PlatformTenantsState


def home() -> rx.Component:
    """Draw the platform overview."""
    return shell(
        "Platform",
        "Every tenant, and the services they all depend on.",
        area(
            PlatformTenantsState,
            rx.el.div(stat_row(PlatformTenantsState.stats), home_tenants.tenants(), class_name="bz-blocks"),
            loading=rx.el.div(skeleton_stats(4), card(skeleton_rows(4), flush=True), class_name="bz-blocks"),
            empty=empty_state(
                "building_2",
                "No tenants yet",
                "Each organisation on the platform is listed here with its size.",
                rx.button("Create a tenant", variant="soft", on_click=call(PlatformTenantsState.open_dialog, CREATE)),
            ),
            retry=PlatformTenantsState.reload,
        ),
        rx.el.div(
            home_services.services(),
            rx.el.div(home_services.jobs(), home_services.consoles(), class_name="bz-blocks"),
            class_name="bz-halves",
        ),
        _agents(),
        home_dialogs.create(),
        home_dialogs.suspend(),
        home_dialogs.offboard(),
        path="/platform",
        action=rx.button(
            rx.icon("plus", size=16, aria_hidden="true"),
            "Create a tenant",
            on_click=call(PlatformTenantsState.open_dialog, CREATE),
        ),
    )


def _agents() -> rx.Component:
    return card(
        area(
            AgentOverviewState,
            facts(AgentOverviewState.areas, short=True),
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
