"""The designer of achievements: a rule in a sentence, its words and looks, a preview and a live trial."""

from __future__ import annotations

import reflex as rx

from pages.admin.design_fields import limits, looks, words_and_key
from pages.admin.design_result import award_panel, publish_dialog, side
from pages.components.area import area
from pages.components.callout import callout
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.rule_builder import rule_builder
from pages.components.skeleton import skeleton
from pages.components.values import digits
from pages.shell import shell
from state import sentences
from state.designer import LIST_PATH, DesignerState

PATH = "/admin/achievements/design"


def designer() -> rx.Component:
    """Draw the page."""
    return shell(
        rx.cond(DesignerState.is_change, "Change an achievement", "Design an achievement"),
        "Say what a member has to do; see at once who would have it.",
        area(
            DesignerState,
            rx.cond(
                DesignerState.award["status"] != "",
                award_panel(),
                rx.el.div(
                    rx.cond(DesignerState.is_change, rx.fragment(), _sentence()), _form(), class_name="bz-blocks"
                ),
            ),
            loading=_waiting(),
            empty=empty_state("award", "Nothing to change", "There is no such achievement."),
            retry=DesignerState.load,
        ),
        publish_dialog(),
        path=LIST_PATH,
        action=rx.link("All achievements", href=LIST_PATH, class_name="bz-link"),
    )


def _sentence() -> rx.Component:
    """Draw the way to begin with a sentence instead of the controls."""
    return rx.el.form(
        rx.el.label("Draft from a sentence", html_for="design-sentence", class_name="bz-field-label"),
        rx.el.div(
            rx.input(
                id="design-sentence",
                name="sentence",
                placeholder="Win 5 leads within a week",
                max_length=sentences.LONGEST,
                auto_complete=False,
                custom_attrs={"aria-describedby": "design-sentence-told"},
            ),
            rx.button("Draft", type="submit", variant="soft"),
            class_name="bz-sentence",
        ),
        rx.el.p(
            rx.cond(
                DesignerState.sentence_told != "",
                DesignerState.sentence_told,
                "Only certain phrases are understood. You are told which words were not.",
            ),
            id="design-sentence-told",
            role="status",
            class_name="bz-small",
            data_good=rx.cond(DesignerState.is_understood | (DesignerState.sentence_told == ""), "true", "false"),
        ),
        on_submit=DesignerState.draft_from,
        class_name="bz-card bz-sentence-card",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.cond(
                DesignerState.form_error != "", rx.el.div(callout(DesignerState.form_error, tone="bad"), role="alert")
            ),
            _rule(),
            card(words_and_key(), title="Words"),
            card(looks(), title="Worth and looks"),
            card(limits(), title="What counts"),
            class_name="bz-blocks",
        ),
        rx.el.div(side(), class_name="bz-design-side"),
        key=digits(DesignerState.opened),
        on_submit=DesignerState.submit,
        no_validate=True,
        class_name="bz-design",
    )


def _rule() -> rx.Component:
    return card(
        rx.cond(
            DesignerState.is_rule_fixed,
            rx.el.div(
                rx.el.p(DesignerState.rule_sentence, class_name="bz-rule-said"),
                callout(DesignerState.fixed_reason),
                class_name="bz-blocks",
            ),
            rx.el.div(
                rule_builder(DesignerState),
                rx.el.p(DesignerState.rule_sentence, class_name="bz-rule-said", aria_live="polite"),
                class_name="bz-rule-block",
            ),
        ),
        title="Rule",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            *[
                rx.el.div(skeleton("100%", height), class_name="bz-card bz-card-body")
                for height in ("160px", "220px", "220px")
            ],
            class_name="bz-blocks",
        ),
        rx.el.div(skeleton("100%", "260px"), class_name="bz-card bz-card-body bz-design-side"),
        class_name="bz-design",
        aria_hidden="true",
    )
