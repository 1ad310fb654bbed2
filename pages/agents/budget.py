"""The agents' budget of a day: what is used of it, and its bounds."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.area import area
from pages.components.callout import callout
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.meter import meter
from pages.components.skeleton import skeleton
from state.agent_budget import AgentBudgetState


def budget() -> rx.Component:
    """Draw the panel."""
    return area(
        AgentBudgetState,
        rx.el.div(_used(), _bounds(), class_name="bz-halves"),
        loading=rx.el.div(card(skeleton("100%", "120px")), card(skeleton("100%", "200px")), class_name="bz-halves"),
        empty=empty_state("gauge", "No budget", "Agents may use what they need."),
        retry=AgentBudgetState.load,
    )


def _used() -> rx.Component:
    day = AgentBudgetState
    return card(
        meter("Tokens", day.tokens_used, day.tokens_of, day.tokens_percent, label="Tokens used today"),
        meter("Cost", day.cost_used, day.cost_of, day.cost_percent, label="Cost used today"),
        rx.el.p(
            "The embedded engine uses no tokens and costs nothing. A run that would exceed a limit ends before it "
            "does, and says so.",
            class_name="bz-small bz-muted bz-flat",
        ),
        title="Used today",
        hint=rx.fragment("Resets ", local_time(AgentBudgetState.resets_at)),
    )


def _bounds() -> rx.Component:
    return card(
        rx.el.form(
            rx.cond(AgentBudgetState.error != "", callout(AgentBudgetState.error, tone="bad")),
            _field("tokens", "Tokens a day", AgentBudgetState.tokens_bound, "Leave empty for no limit."),
            _field("cost", "US dollars a day", AgentBudgetState.cost_bound, "Leave empty for no limit."),
            _field("runs", "Runs at once", AgentBudgetState.runs_at_once, "1 to 50; further runs wait their turn."),
            rx.button("Save budget", type="submit"),
            on_submit=AgentBudgetState.save,
            class_name="bz-form",
            data_inline="true",
        ),
        title="Bounds",
        hint="In force at the next model call, for everybody in your organisation.",
    )


def _field(name: str, label: str, value: Any, hint: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"budget-{name}"),
        rx.input(
            id=f"budget-{name}",
            name=name,
            default_value=value,
            key=value,
            max_length=20,
            custom_attrs={"inputMode": "decimal", "aria-describedby": f"budget-{name}-hint"},
        ),
        rx.el.span(hint, id=f"budget-{name}-hint", class_name="bz-field-hint"),
        class_name="bz-field",
    )
