"""What comes of a design: the card as members see it, the live trial, publishing, and the awarding."""

from __future__ import annotations

import reflex as rx

from pages.components.achievement_card import achievement_card
from pages.components.callout import callout
from pages.components.card import card
from pages.components.confirm import asked
from pages.components.emblem import emblem
from pages.components.values import digits
from state.designer import LIST_PATH, DesignerState


def side() -> rx.Component:
    """Draw the column beside the form: preview, trial and the button."""
    return rx.el.div(
        card(
            rx.el.ul(
                achievement_card(DesignerState.card),
                class_name="bz-shelf bz-shelf-one",
                aria_label="Preview",
            ),
            rx.cond(DesignerState.draft["is_hidden"], _unlocked()),
            title="As members see it",
        ),
        rx.cond(DesignerState.is_rule_fixed, rx.fragment(), _trial()),
        rx.button(
            rx.cond(DesignerState.is_change, "Save changes", "Publish achievement"),
            type="submit",
            loading=DesignerState.is_saving,
            size="3",
        ),
        class_name="bz-blocks",
    )


def _unlocked() -> rx.Component:
    """Draw what a hidden one is once it is unlocked."""
    shown = DesignerState.draft
    return rx.el.div(
        emblem(shown["icon"], shown["tier"], size=18),
        rx.el.span("Once unlocked: ", rx.el.strong(shown["name"]), class_name="bz-muted"),
        class_name="bz-cell",
    )


def _trial() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.div(
                rx.cond(
                    DesignerState.is_trying,
                    rx.el.span(rx.spinner(size="1"), "Trying it out", class_name="bz-cell bz-muted"),
                    rx.cond(
                        DesignerState.trial != "",
                        rx.el.p(DesignerState.trial, class_name="bz-trial-said"),
                        rx.el.p(DesignerState.trial_error, class_name="bz-muted"),
                    ),
                ),
                role="status",
            ),
            rx.cond(
                (DesignerState.trial_names != "") & ~rx.Var.create(DesignerState.is_trying).bool(),
                rx.el.p(DesignerState.trial_names, class_name="bz-small bz-muted"),
            ),
            class_name="bz-trial",
            data_busy=rx.cond(DesignerState.is_trying, "true", "false"),
        ),
        title="Dry run",
        hint="Nothing is written.",
    )


def publish_dialog() -> rx.Component:
    """Draw the question before publishing, with who gets it at once."""
    return asked(
        DesignerState.dialog == "publish",
        DesignerState.keep_editing,
        title="Publish " + rx.Var.create(DesignerState.draft["name"]).to(str) + "?",
        consequence=DesignerState.publish_text,
        action="Publish",
        on_confirm=DesignerState.publish,
        danger=False,
        cancel="Keep editing",
    )


def award_panel() -> rx.Component:
    """Draw what became of publishing, with the progress of a long awarding."""
    award = DesignerState.award
    is_going = (award["status"] == "running") | (award["status"] == "pending")
    return card(
        rx.el.div(
            emblem(DesignerState.draft["icon"], DesignerState.draft["tier"]),
            rx.el.div(
                rx.el.h2(award["name"], " is published"),
                rx.el.p(award["text"], role="status", class_name="bz-muted"),
                class_name="bz-cell-text",
            ),
            class_name="bz-cell",
        ),
        rx.cond(
            is_going,
            rx.el.div(
                rx.el.span(style={"width": digits(award["percent"]) + "%"}),
                class_name="bz-award-bar",
                role="progressbar",
                aria_label="Awarding",
                aria_valuenow=digits(award["percent"]),
                aria_valuemin="0",
                aria_valuemax="100",
            ),
        ),
        rx.cond(is_going, callout("You can leave this page; the awarding goes on.")),
        rx.el.div(
            rx.link(rx.button("All achievements", tab_index=-1), href=LIST_PATH, class_name="bz-button-link"),
            rx.button("Design another", variant="soft", on_click=DesignerState.design_another),
            class_name="bz-cell",
        ),
    )
