"""The first tab of the settings: name, industry, time and money, and the brand's colour."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.admin.settings_brand import brand
from pages.components.area import area
from pages.components.callout import callout
from pages.components.card import card
from pages.components.dialog import Field, field, form
from pages.components.empty import empty_state
from pages.components.skeleton import skeleton
from pages.components.values import digits
from pages.components.zone_field import zone_field
from state.currencies import CURRENCIES
from state.organisation import OrganisationState

_ZONE_HINT: Final = (
    "Days, weeks and months of boards, streaks and figures begin at midnight there. After a change, what is there is "
    "counted again, which takes a moment and can move points between days, and with them what was earned by days. "
    "Seasons that have ended keep their results."
)


def organisation() -> rx.Component:
    """Draw the tab."""
    return area(
        OrganisationState,
        rx.fragment(
            rx.cond(OrganisationState.is_recounting, _recounting()),
            form(
                OrganisationState,
                rx.el.div(
                    _about(),
                    card(brand(), title="Brand", hint=_BRAND_HINT),
                    key=digits(OrganisationState.times_filled),
                    class_name="bz-halves",
                ),
                submit_label="Save settings",
                on_submit=OrganisationState.save,
            ),
        ),
        loading=rx.el.div(card(skeleton("100%", "420px")), card(skeleton("100%", "420px")), class_name="bz-halves"),
        empty=empty_state("building_2", "No settings", "Your organisation has none yet."),
        retry=OrganisationState.load,
    )


_BRAND_HINT: Final = "The accent of every signed-in page of your organisation."


def _about() -> rx.Component:
    state = OrganisationState
    return card(
        field(state, Field("name", "Name", value=state.org_name, max_length=120)),
        field(
            state,
            Field(
                "industry",
                "Industry",
                value=state.industry,
                max_length=60,
                optional=True,
                placeholder="web agency",
                hint="In your own words. Organisations with the same words make a group to compare with.",
            ),
        ),
        _zone(),
        field(
            state,
            Field(
                "currency",
                "Currency",
                "choice",
                choices=CURRENCIES,
                value=state.currency,
                hint="For new programmes and figures. What is earned already keeps its own.",
            ),
        ),
        title="About",
    )


def _zone() -> rx.Component:
    error = rx.Var.create(OrganisationState.errors)["timezone"].to(str)
    has_error = rx.Var.create(OrganisationState.errors).to(dict).contains("timezone")
    return rx.el.div(
        rx.el.label("Time zone", html_for="field-timezone"),
        zone_field(
            "timezone",
            OrganisationState.timezone,
            id_="field-timezone",
            hint=_ZONE_HINT,
            error=rx.cond(has_error, error, ""),
        ),
        rx.cond(
            has_error,
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"),
                error,
                id="field-timezone-error",
                class_name="bz-field-error",
                role="alert",
            ),
        ),
        class_name="bz-field",
    )


def _recounting() -> rx.Component:
    return rx.el.div(
        callout("Boards and figures are being counted by the days of your time zone. This takes a moment."),
        class_name="bz-above",
    )
