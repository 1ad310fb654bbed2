"""Agents for administrators: the catalogue, everybody's runs, proposals to decide, and the budget."""

from __future__ import annotations

import reflex as rx

from pages.agents.budget import budget
from pages.agents.catalogue import catalogue
from pages.agents.proposals import proposals
from pages.agents.runs import runs
from pages.components.values import digits
from pages.shell import shell
from state.agent_proposals import AgentProposalsState
from state.agents import AgentsState

PATH = "/admin/agents"


def agents() -> rx.Component:
    """Draw the page."""
    return shell(
        "Agents",
        "Each does one job with tested tools, and changes nothing without your approval.",
        rx.tabs.root(
            rx.tabs.list(
                rx.tabs.trigger("Catalogue", value="catalogue"),
                rx.tabs.trigger("Runs", value="runs"),
                rx.tabs.trigger("Proposals", _waiting(), value="proposals"),
                rx.tabs.trigger("Budget", value="budget"),
                size="2",
                class_name="bz-tabs",
            ),
            rx.tabs.content(catalogue(PATH), value="catalogue"),
            rx.tabs.content(runs(PATH, with_askers=True), value="runs"),
            rx.tabs.content(proposals(PATH), value="proposals"),
            rx.tabs.content(budget(), value="budget"),
            value=AgentsState.tab,
            on_change=AgentsState.open_tab,
        ),
        path=PATH,
    )


def _waiting() -> rx.Component:
    """Draw how many proposals wait for a decision."""
    return rx.cond(
        AgentProposalsState.waiting > 0,
        rx.el.span(
            digits(AgentProposalsState.waiting), rx.el.span(" to decide", class_name="bz-sr"), class_name="bz-tab-count"
        ),
    )
