"""The page of one agent: what it is, the form of a run, and the run."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.agents.run import FORM, run
from pages.components.area import area
from pages.components.back_link import back_link
from pages.components.callout import callout
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.facts import fact_list
from pages.components.form_field import form_field
from pages.components.skeleton import skeleton
from pages.shell import shell
from state.agent_desk import AgentDeskState


def desk(path: str) -> rx.Component:
    """Draw the page; `path` is that of the catalogue which it belongs to."""
    return shell(
        rx.cond(AgentDeskState.agent_name != "", AgentDeskState.agent_name, "Agent"),
        AgentDeskState.goal,
        area(
            AgentDeskState,
            rx.el.div(run(), _form(), class_name="bz-blocks"),
            loading=rx.el.div(card(skeleton("40%", "20px"), skeleton("100%", "220px")), class_name="bz-blocks"),
            empty=empty_state("bot", "No agent", "Choose one in the catalogue."),
            retry=AgentDeskState.load,
        ),
        path=path,
        action=back_link("All agents", path),
        aside=_about(),
    )


def _form() -> rx.Component:
    on_look: Any = AgentDeskState.check_field  # the decorator hides from a type checker that it can be called
    is_again = AgentDeskState.run["id"] != ""
    return card(
        rx.el.form(
            rx.cond(AgentDeskState.form_error != "", callout(AgentDeskState.form_error, tone="bad")),
            rx.foreach(
                AgentDeskState.form,
                lambda row: form_field(
                    row, longest=AgentDeskState.longest, on_look=on_look, on_file=AgentDeskState.take_file
                ),
            ),
            rx.el.div(
                rx.button(
                    rx.icon("play", size=16, aria_hidden="true"),
                    rx.cond(is_again, "Run again", "Run agent"),
                    type="submit",
                    loading=AgentDeskState.is_starting,
                    disabled=AgentDeskState.run["is_active"],
                ),
                _filler("Use the example", AgentDeskState.fill_example),
                _filler("Clear the form", AgentDeskState.empty_form),
                class_name="bz-acts",
            ),
            id=FORM,
            key=AgentDeskState.form_key,
            on_submit=AgentDeskState.start,
            no_validate=True,
            class_name="bz-agent-form",
            aria_label="Input of the run",
        ),
        title=rx.cond(is_again, "Run it again", "Run"),
        hint=rx.cond(
            is_again,
            "Filled with the input of this run.",
            "Filled with an example to try; put your own data in its place.",
        ),
    )


def _filler(text: str, handler: Any) -> rx.Component:
    return rx.button(text, type="button", variant="soft", color_scheme="gray", on_click=handler)


def _about() -> rx.Component:
    return rx.cond(
        AgentDeskState.agent_name != "",
        card(
            rx.el.dl(
                rx.el.dt("Area"),
                rx.el.dd(AgentDeskState.area_label),
                rx.el.dt("Role"),
                rx.el.dd(AgentDeskState.role),
                class_name="bz-kv",
            ),
            rx.el.div(
                rx.el.h3("Tools"),
                rx.el.ul(
                    rx.foreach(AgentDeskState.tools, lambda tool: rx.el.li(tool, key=tool)), class_name="bz-tools"
                ),
                class_name="bz-about-part",
            ),
            rx.el.div(rx.el.h3("Limits of a run"), fact_list(AgentDeskState.limits), class_name="bz-about-part"),
            title="About this agent",
        ),
        rx.cond(AgentDeskState.area == "loading", card(skeleton("60%"), skeleton("90%"), skeleton("70%"))),
    )
