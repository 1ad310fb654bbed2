"""The catalogue: every agent by area, with a search."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.area import area
from pages.components.empty import empty_state
from pages.components.select import select
from pages.components.skeleton import skeleton
from pages.components.values import count
from state.agent_rows import AgentRow, AreaRow
from state.agents import AgentsState


def catalogue(path: str) -> rx.Component:
    """Draw the agents; each leads to its own page below `path`."""
    return area(
        AgentsState,
        rx.el.div(_filters(), _sections(path), class_name="bz-blocks"),
        loading=_waiting(),
        empty=empty_state("bot", "No agents here", "This installation serves none. Its operator can switch them on."),
        retry=AgentsState.load,
    )


def _filters() -> rx.Component:
    search: Any = AgentsState.search  # the decorator hides from a type checker that it can be delayed
    return rx.el.div(
        rx.input(
            rx.input.slot(rx.icon("search", size=16, aria_hidden="true")),
            default_value=AgentsState.query,
            placeholder="Search by name or goal",
            type="search",
            max_length=80,
            on_change=search.debounce(200),
            class_name="bz-search",
            custom_attrs={"aria-label": "Search agents"},
        ),
        select(AgentsState.areas, AgentsState.area_key, AgentsState.choose_area, label="Area"),
        rx.el.span(AgentsState.found, class_name="bz-small bz-muted bz-found", role="status"),
        class_name="bz-toolbar bz-agent-filters",
    )


def _sections(path: str) -> rx.Component:
    return rx.cond(
        count(AgentsState.sections) > 0,
        rx.fragment(rx.foreach(AgentsState.sections, lambda section: _section(section, path))),
        rx.el.div(
            empty_state("search_x", "No agent found", "Use fewer or other words, or choose all areas."),
            class_name="bz-card",
        ),
    )


def _section(section: AreaRow, path: str) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(section["label"]),
            rx.el.span(section["count"], class_name="bz-small bz-muted"),
            class_name="bz-section-head",
        ),
        rx.el.ul(
            rx.foreach(section["agents"], lambda agent: _card(agent, path)),
            class_name="bz-agents",
            aria_label=section["label"],
        ),
        key=section["key"],
        class_name="bz-agent-area",
    )


def _card(agent: AgentRow, path: str) -> rx.Component:
    return rx.el.li(
        rx.link(
            rx.el.span(agent["name"], class_name="bz-agent-name"),
            rx.el.span(agent["goal"], class_name="bz-agent-goal"),
            href=f"{path}/run?agent=" + agent["id"],
            underline="none",
            class_name="bz-card bz-agent",
        ),
        key=agent["id"],
    )


def _waiting() -> rx.Component:
    cards = [rx.el.div(skeleton("56%"), skeleton("92%", "12px"), class_name="bz-card bz-agent") for _ in range(9)]
    return rx.el.div(
        skeleton("100%", "40px"),
        skeleton("180px", "20px"),
        rx.el.div(*cards, class_name="bz-agents"),
        class_name="bz-blocks",
        aria_hidden="true",
    )
