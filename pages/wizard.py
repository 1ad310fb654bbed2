"""The page of every wizard: steps on top, one decision a screen, what was answered beside it, and the finish."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.callout import callout
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.copy_field import copy_field
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton, skeleton_rows
from pages.components.stepper import stepper
from pages.components.values import call, count
from pages.components.wizard_field import wizard_field
from pages.shell import shell
from state.wizard import WizardState
from state.wizard_rows import AnswerRow, FactRow, LostRow


def wizard(path: str, title: str, purpose: str, *beside: rx.Component) -> rx.Component:
    """Draw a wizard; what it asks comes from its declaration. Dialogs of its own stand beside it, outside its form."""
    return shell(
        title,
        purpose,
        area(
            WizardState,
            rx.cond(WizardState.is_finished, _finish(), _work()),
            loading=rx.el.div(skeleton("100%", "56px"), card(skeleton_rows(5)), class_name="bz-blocks"),
            empty=empty_state("wand_sparkles", "Nothing to set up", "This wizard has no steps for you.", rx.fragment()),
            retry=WizardState.reload,
        ),
        path=path,
        aside=rx.fragment(_summary(), *beside),
    )


def _work() -> rx.Component:
    return rx.el.div(
        stepper(WizardState.steps, number=WizardState.step_number, on_go=WizardState.go),
        rx.foreach(WizardState.lost, _lost),
        rx.cond(WizardState.save_error != "", callout(WizardState.save_error, tone="bad")),
        rx.cond(WizardState.assist_note != "", callout(WizardState.assist_note, tone="info")),
        rx.el.form(
            rx.el.section(
                rx.el.header(
                    rx.el.h2(WizardState.step_title, id="wizard-step", tab_index=-1),
                    rx.el.p(WizardState.step_purpose),
                    rx.cond(
                        WizardState.has_assist,
                        rx.button(
                            rx.icon("sparkles", size=16, aria_hidden="true"),
                            "Suggest what is empty",
                            type="button",
                            variant="soft",
                            loading=WizardState.is_assisting,
                            on_click=WizardState.assist,
                        ),
                    ),
                    class_name="bz-wizard-head",
                ),
                rx.cond(
                    WizardState.problem_count > 1,
                    rx.el.p(
                        WizardState.problem_count,
                        " fields need a correction.",
                        class_name="bz-field-error",
                        role="alert",
                    ),
                ),
                rx.el.div(rx.foreach(WizardState.fields, wizard_field), class_name="bz-wizard-fields"),
                rx.cond(WizardState.is_review, _answers()),
                class_name="bz-card bz-wizard-step",
            ),
            _foot(),
            on_submit=WizardState.submit,
            no_validate=True,
            aria_label=WizardState.step_title,
        ),
        class_name="bz-blocks bz-wizard",
    )


def _foot() -> rx.Component:
    return rx.el.div(
        rx.button(
            "Back",
            type="button",
            variant="soft",
            color_scheme="gray",
            disabled=WizardState.is_first,
            on_click=WizardState.back,
        ),
        rx.el.span(
            rx.icon("cloud_check", size=16, aria_hidden="true"),
            "Saved ",
            local_time(WizardState.saved_at),
            class_name="bz-small bz-muted bz-saved",
            role="status",
        ),
        rx.cond(
            WizardState.is_review,
            rx.button(
                WizardState.finish_label, type="button", loading=WizardState.is_busy, on_click=WizardState.complete
            ),
            rx.button("Continue", type="submit", loading=WizardState.is_busy),
        ),
        class_name="bz-wizard-foot",
    )


def _lost(row: LostRow) -> rx.Component:
    return rx.el.div(
        rx.icon("copy", size=16, aria_hidden="true"),
        rx.el.p(
            row["label"],
            " was changed elsewhere meanwhile: ",
            rx.el.strong(row["lost"]),
            ". What you typed is kept.",
        ),
        rx.el.div(
            rx.button(
                "Use that instead",
                type="button",
                variant="soft",
                on_click=call(WizardState.take_back, row["field"]),
            ),
            rx.button(
                "Keep mine",
                type="button",
                variant="soft",
                color_scheme="gray",
                on_click=call(WizardState.leave_it, row["field"]),
            ),
            class_name="bz-wz-lost-acts",
        ),
        class_name="bz-callout bz-wz-lost",
        data_tone="warn",
        role="status",
        key=row["field"],
    )


def _answers() -> rx.Component:
    """Draw every answer, each with the way back to its step."""
    return rx.el.dl(rx.foreach(WizardState.summary, _answer), class_name="bz-pairs bz-review")


def _answer(row: AnswerRow) -> rx.Component:
    return rx.el.div(
        rx.el.dt(row["label"]),
        rx.el.dd(
            row["value"], rx.cond(row["is_guess"], rx.el.span("Suggested", class_name="bz-badge", data_tone="info"))
        ),
        rx.el.dd(
            rx.el.button(
                "Change",
                rx.el.span(" ", row["label"], class_name="bz-sr"),
                type="button",
                class_name="bz-more-link",
                on_click=call(WizardState.go, row["step"]),
            )
        ),
        key=row["label"],
    )


def _summary() -> rx.Component:
    """Draw what has been answered so far, filling as one goes."""
    return rx.cond(
        (count(WizardState.summary) > 0) & ~WizardState.is_finished & ~WizardState.is_review,
        card(
            rx.el.dl(
                rx.foreach(
                    WizardState.summary,
                    lambda row: rx.el.div(rx.el.dt(row["label"]), rx.el.dd(row["value"]), key=row["label"]),
                ),
                class_name="bz-pairs",
            ),
            _start_over(),
            title="So far",
        ),
    )


def _start_over() -> rx.Component:
    return confirm(
        rx.button("Start over", type="button", variant="soft", color_scheme="gray"),
        title="Throw this draft away?",
        consequence="What you typed here is gone for good, on every device.",
        action="Throw draft away",
        on_confirm=WizardState.start_over,
    )


def _finish() -> rx.Component:
    return card(
        rx.el.div(
            rx.icon("circle_check", size=28, aria_hidden="true"),
            rx.el.h2(WizardState.finish["title"], id="wizard-step", tab_index=-1),
            rx.el.p(WizardState.finish["text"]),
            class_name="bz-finish-head",
            role="status",
        ),
        rx.el.dl(rx.foreach(WizardState.finish["facts"], _fact), class_name="bz-pairs"),
        rx.el.div(
            rx.foreach(
                WizardState.finish["links"],
                lambda link: rx.link(
                    rx.button(link["label"], variant="soft", tab_index=-1), href=link["value"], underline="none"
                ),
            ),
            rx.button(
                "Go through it again",
                type="button",
                variant="soft",
                color_scheme="gray",
                on_click=WizardState.start_over,
            ),
            class_name="bz-finish-links",
        ),
    )


def _fact(fact: FactRow) -> rx.Component:
    """Draw a fact of what was made; an address can be copied from here."""
    return rx.el.div(
        rx.el.dt(fact["name"]),
        rx.el.dd(rx.cond(fact["is_address"], copy_field(fact["value"], label=fact["name"], mono=True), fact["value"])),
        key=fact["name"],
        data_address=fact["is_address"],
    )
