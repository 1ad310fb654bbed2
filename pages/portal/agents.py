"""Agents for members: the catalogue, and one's own runs."""

from __future__ import annotations

import reflex as rx

from pages.agents.catalogue import catalogue
from pages.agents.runs import runs
from pages.components.tabs import Tab, tabs
from pages.shell import shell
from state.agents import AgentsState

PATH = "/portal/agents"


def agents() -> rx.Component:
    """Draw the page."""
    return shell(
        "Agents",
        "Each does one job with tested tools, and says where every figure comes from.",
        tabs(
            AgentsState,
            Tab("catalogue", "Catalogue", catalogue(PATH)),
            Tab("runs", "Your runs", runs(PATH, with_askers=False)),
        ),
        path=PATH,
    )
