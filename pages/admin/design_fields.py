"""The designer's fields beside its rule: words, worth and looks, and what counts."""

from __future__ import annotations

import reflex as rx

from pages.admin.design_controls import day, error, field, line, picked, switch, typed
from pages.components.values import call, count
from state.design_form import MOST_PRECONDITIONS
from state.designer import DesignerState
from state.designs import LONGEST_KEY, LONGEST_TEXT, ON_PLATFORMS, REPEATS, TIERS
from state.icons import ICONS


def words_and_key() -> rx.Component:
    """Draw name, key, description and category."""
    return rx.el.div(
        rx.el.div(
            field("Name", "name", line("name", max_length=120)),
            field(
                "Key",
                "key",
                rx.cond(
                    DesignerState.is_change,
                    line("key", read_only=True),
                    line("key", max_length=LONGEST_KEY),
                ),
                hint="Made from the name. It identifies the achievement in the API and cannot change.",
            ),
            class_name="bz-field-pair",
        ),
        field(
            "Description",
            "description",
            rx.el.textarea(
                default_value=DesignerState.draft["description"],
                max_length=LONGEST_TEXT,
                rows=2,
                class_name="bz-area",
                **typed("description"),
            ),
            hint="What members read on the card.",
        ),
        field("Category", "category", picked("category", DesignerState.categories)),
        class_name="bz-form",
        data_inline="true",
    )


def looks() -> rx.Component:
    """Draw points, tier and icon."""
    return rx.el.div(
        rx.el.div(
            field("Points", "points", line("points", numeric=True)),
            field("Tier", "tier", picked("tier", TIERS)),
            class_name="bz-field-pair",
        ),
        _icons(),
        switch("is_hidden", "Hidden", "Members see a silhouette until they unlock it."),
        class_name="bz-form",
        data_inline="true",
    )


def limits() -> rx.Component:
    """Draw what counts: how often, when, where, and after which others."""
    return rx.el.div(
        rx.el.div(
            field("Can be unlocked", "repeats", picked("repeats", REPEATS)),
            field("On", "platform", picked("platform", ON_PLATFORMS)),
            class_name="bz-field-pair",
        ),
        rx.el.div(
            field("From", "starts_at", day("starts_on"), optional=True),
            field("Until", "ends_at", day("ends_on"), hint="The last day that counts.", optional=True),
            class_name="bz-field-pair",
        ),
        field(
            "Maximum per day",
            "limits",
            line("max_per_day", numeric=True),
            hint="Keeps anyone from reaching a target in one evening. Only counted conditions are limited.",
            optional=True,
        ),
        switch(
            "requires_verified",
            "Verified acts only",
            "What members report about themselves counts once somebody confirms it.",
        ),
        _preconditions(),
        class_name="bz-form",
        data_inline="true",
    )


def _icons() -> rx.Component:
    """Draw the icons as radio buttons; arrow keys go through them."""
    return rx.el.fieldset(
        rx.el.legend("Icon", class_name="bz-field-label"),
        rx.el.div(
            *[
                rx.el.label(
                    rx.el.input(
                        type="radio",
                        name="icon",
                        value=name,
                        default_checked=DesignerState.draft["icon"] == name,
                        on_change=call(DesignerState.change_text, "icon", name),
                        aria_label=name.replace("-", " "),
                        class_name="bz-sr",
                    ),
                    rx.icon(name.replace("-", "_"), size=18, aria_hidden="true"),
                    title=name.replace("-", " "),
                    class_name="bz-icon-choice",
                )
                for name in ICONS
            ],
            class_name="bz-icons",
        ),
        class_name="bz-choices",
    )


def _preconditions() -> rx.Component:
    chosen = DesignerState.waits_for
    return rx.el.div(
        rx.el.label(
            "Unlocked first", rx.el.span(" (optional)", class_name="bz-muted bz-optional"), html_for="design-first"
        ),
        rx.cond(
            count(chosen) > 0,
            rx.el.ul(
                rx.foreach(
                    chosen,
                    lambda choice: rx.el.li(
                        choice["label"],
                        rx.el.button(
                            rx.icon("x", size=14, aria_hidden="true"),
                            type="button",
                            aria_label="Do not wait for " + choice["label"],
                            on_click=call(DesignerState.remove_precondition, choice["value"]),
                            class_name="bz-iconbtn",
                        ),
                        key=choice["value"],
                        class_name="bz-pick",
                    ),
                ),
                class_name="bz-picks",
            ),
        ),
        rx.cond(
            count(chosen) < MOST_PRECONDITIONS,
            rx.el.div(
                rx.el.select(
                    rx.el.option("Choose another achievement", value=""),
                    rx.foreach(
                        DesignerState.others, lambda choice: rx.el.option(choice["label"], value=choice["value"])
                    ),
                    value="",
                    on_change=DesignerState.add_precondition,
                    id="design-first",
                    name="first",
                    custom_attrs={"aria-describedby": "design-preconditions-error"},
                ),
                rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
                class_name="bz-select bz-select-always",
            ),
        ),
        error("preconditions"),
        class_name="bz-field",
    )
