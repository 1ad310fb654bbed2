"""Agents for members: the catalogue, and one's own runs."""

from __future__ import annotations

import reflex as rx

from pages.agents.catalogue import catalogue
from pages.agents.runs import runs
from pages.shell import shell
from state.agents import AgentsState

PATH = "/portal/agents"


def agents() -> rx.Component:
    """Draw the page."""
    return shell(
        "Agents",
        "Each does one job with tested tools, and says where every figure comes from.",
        rx.tabs.root(
            rx.tabs.list(
                rx.tabs.trigger("Catalogue", value="catalogue"),
                rx.tabs.trigger("Your runs", value="runs"),
                size="2",
                class_name="bz-tabs",
            ),
            rx.tabs.content(catalogue(PATH), value="catalogue"),
            rx.tabs.content(runs(PATH, with_askers=False), value="runs"),
            value=AgentsState.tab,
            on_change=AgentsState.open_tab,
        ),
        path=PATH,
    )
