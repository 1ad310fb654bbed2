"""A run on its agent's page: on its way, ended without a result, or with one."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.badge import badge
from pages.components.callout import callout
from pages.components.card import card
from pages.components.facts import facts
from pages.components.local_time import local_time
from pages.components.part import checklist, part
from pages.components.tool_calls import tool_calls
from pages.components.values import count, words
from state.agent_desk import AgentDeskState
from state.agent_rows import RunPanel

FORM: Final = "run-form"
"""The id of the form that a run is started with."""


def run() -> rx.Component:
    """Draw the run that the page shows; nothing where none was asked for."""
    shown = AgentDeskState.run
    told = rx.cond(shown["is_active"], shown["note"], words(shown["label"]) + ": " + shown["headline"])
    return rx.cond(
        shown["id"] != "",
        rx.el.div(
            rx.el.p(told, class_name="bz-sr", role="status"),
            rx.cond(shown["is_active"], _progress(shown), _ended(shown)),
            _record(shown),
            class_name="bz-blocks",
        ),
    )


def _progress(shown: RunPanel) -> rx.Component:
    return card(
        rx.el.div(
            rx.spinner(size="3"),
            rx.el.p(shown["note"], class_name="bz-flat"),
            class_name="bz-progress",
        ),
        title=rx.cond(shown["status"] == "queued", "Waiting for its turn", "The agent is at work"),
        hint="You may leave this page: the run goes on, and stays under Runs.",
        action=rx.button(
            rx.icon("square", size=14, aria_hidden="true"),
            "Cancel run",
            type="button",
            variant="soft",
            color_scheme="gray",
            disabled=shown["is_cancel_asked"],
            on_click=AgentDeskState.cancel,
        ),
    )


def _ended(shown: RunPanel) -> rx.Component:
    return rx.cond(shown["status"] == "succeeded", _result(shown), _failure(shown))


def _failure(shown: RunPanel) -> rx.Component:
    icon = rx.cond(
        shown["status"] == "cancelled",
        rx.icon("circle_slash", size=24, aria_hidden="true"),
        rx.icon("circle_alert", size=24, aria_hidden="true"),
    )
    return rx.el.section(
        rx.el.div(
            rx.el.span(icon, class_name="bz-empty-icon", data_tone=shown["tone"]),
            rx.el.h2(shown["failure_title"]),
            rx.el.p(shown["failure_text"]),
            rx.el.span(
                badge(shown["label"], shown["tone"]),
                " ",
                local_time(shown["at"]),
                class_name="bz-small bz-muted bz-end-line",
            ),
            rx.cond(shown["may_pass"], _try_again()),
            class_name="bz-empty",
            role="alert",
        ),
        class_name="bz-card",
    )


def _try_again() -> rx.Component:
    """Draw a button that sends the form, which may stand far below."""
    return rx.button(
        rx.icon("rotate_cw", size=16, aria_hidden="true"),
        "Try again",
        type="submit",
        form=FORM,
        variant="soft",
        loading=AgentDeskState.is_starting,
    )


def _result(shown: RunPanel) -> rx.Component:
    return rx.el.div(
        card(
            rx.el.div(
                badge(shown["label"], shown["tone"], dot=True),
                rx.el.span(local_time(shown["at"]), class_name="bz-small bz-muted"),
                class_name="bz-result-top",
            ),
            rx.el.div(
                rx.el.h2(shown["headline"], class_name="bz-headline"),
                rx.foreach(shown["summary"], rx.el.p),
                class_name="bz-prose",
            ),
            rx.el.p(rx.icon("pen_line", size=16, aria_hidden="true"), shown["engine"], class_name="bz-engine"),
            rx.cond(shown["proposals"] != "", callout(shown["proposals"], tone="warn")),
        ),
        rx.cond(count(shown["advice"]) > 0, card(checklist(shown["advice"]), title="What to do")),
        rx.cond(
            count(shown["facts"]) > 0,
            card(facts(shown["facts"]), title="Figures", hint="Each was computed by a tool."),
        ),
        rx.foreach(shown["parts"], lambda row: rx.fragment(part(row), key=row["key"])),
        class_name="bz-blocks",
        role="region",
        aria_label="Result",
    )


def _record(shown: RunPanel) -> rx.Component:
    return card(
        rx.cond(
            count(shown["calls"]) > 0,
            tool_calls(shown["calls"]),
            rx.el.p(
                rx.cond(shown["is_active"], "No tool was called yet.", "No tool call came to an end."),
                class_name="bz-muted bz-flat",
            ),
        ),
        facts(shown["usage"], short=True),
        title="Tool calls and usage",
        hint="What the run asked for, what came back, and what it used.",
    )
