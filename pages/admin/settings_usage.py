"""The second tab of the settings: how much of the hourly quota of the HTTP API is used."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.key_values import key_values
from pages.components.local_time import local_time
from pages.components.meter import meter
from pages.components.skeleton import skeleton
from pages.components.values import Text, words
from state.usage import UsageState


def usage() -> rx.Component:
    """Draw the tab."""
    return area(
        UsageState,
        rx.el.div(_quota(), _words(), class_name="bz-halves"),
        loading=rx.el.div(card(skeleton("100%", "180px")), card(skeleton("100%", "180px")), class_name="bz-halves"),
        empty=empty_state("activity", "No requests", "Nothing has called the API within the last hour."),
        retry=UsageState.load,
    )


def _quota() -> rx.Component:
    return card(
        meter(
            "Used",
            UsageState.used,
            "of " + words(UsageState.limit),
            UsageState.percent,
            label="Requests used within the last hour",
        ),
        key_values(
            ("Remaining", rx.el.span(UsageState.remaining, class_name="bz-num bz-strong")),
            ("Next request possible", _at(UsageState.next_free_at)),
            ("Full quota again", _at(UsageState.all_free_at)),
        ),
        title="Requests in the last hour",
        hint=rx.fragment("As of ", local_time(UsageState.as_of, "clock")),
        action=rx.button(
            rx.icon("refresh_cw", size=16, aria_hidden="true"),
            "Refresh",
            type="button",
            variant="soft",
            color_scheme="gray",
            loading=UsageState.is_reading,
            on_click=UsageState.refresh,
        ),
    )


def _at(moment: Text) -> rx.Component:
    return rx.cond(moment != "", local_time(moment, "clock"), rx.el.span("Nothing is used", class_name="bz-muted"))


def _words() -> rx.Component:
    return card(
        rx.el.p(
            "All of your API keys and integrations together may send this many requests within any hour. A place comes "
            "back exactly one hour after its request.",
            class_name="bz-flat",
        ),
        rx.el.p(
            "Over the limit, the API answers 429 and says in Retry-After how long to wait. Every answer carries the "
            "limit and what remains. The pages that people use have a budget of their own, so an integration cannot "
            "lock anybody out.",
            class_name="bz-flat",
        ),
        rx.el.div(
            rx.link(
                "API reference",
                href="/api/docs",
                class_name="bz-link",
                custom_attrs={"data-session": "open-api"},
            )
        ),
        title="How the limit works",
    )
