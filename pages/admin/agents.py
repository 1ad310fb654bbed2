"""Agents for administrators: the catalogue, everybody's runs, proposals to decide, and the budget."""

from __future__ import annotations

import reflex as rx

from pages.agents.budget import budget
from pages.agents.catalogue import catalogue
from pages.agents.proposals import proposals
from pages.agents.runs import runs
from pages.components.tabs import Tab, tabs
from pages.shell import shell
from state.agent_proposals import AgentProposalsState
from state.agents import AgentsState

PATH = "/admin/agents"


def agents() -> rx.Component:
    """Draw the page."""
    return shell(
        "Agents",
        "Each does one job with tested tools, and changes nothing without your approval.",
        tabs(
            AgentsState,
            Tab("catalogue", "Catalogue", catalogue(PATH)),
            Tab("runs", "Runs", runs(PATH, with_askers=True)),
            Tab("proposals", "Proposals", proposals(PATH), waiting=AgentProposalsState.waiting),
            Tab("budget", "Budget", budget()),
        ),
        path=PATH,
    )
