"""One showcase: on its way, failed, or written with everything that its owner does with it."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.back_link import back_link
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.figure_list import figure_list
from pages.components.run_steps import run_steps
from pages.components.skeleton import skeleton, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import call, count
from pages.portal.showcase_dialogs import retry_dialog
from pages.portal.showcase_publishing import publishing, withdraw_dialog
from pages.portal.showcase_sharing import search_result, sharing
from pages.portal.showcase_story import quote_dialog, story, title_dialog
from pages.shell import shell
from state.showcase import ShowcaseState

_PATH = "/portal/portfolio"


def showcase() -> rx.Component:
    """Draw the page."""
    shown = ShowcaseState.shown
    return shell(
        rx.cond(shown["title"] != "", shown["title"], "Showcase"),
        shown["purpose"],
        area(
            ShowcaseState,
            rx.match(shown["status"], ("generating", _writing()), ("failed", _failed()), _written()),
            loading=rx.el.div(
                skeleton_stats(3), card(skeleton("40%", "28px"), skeleton("100%", "240px")), class_name="bz-blocks"
            ),
            empty=empty_state(
                "book_open_text",
                "No showcase",
                "Choose one in the portfolio.",
                rx.link("Open the portfolio", href=_PATH, class_name="bz-link"),
            ),
            retry=ShowcaseState.reload,
        ),
        title_dialog(),
        quote_dialog(),
        withdraw_dialog(),
        retry_dialog(ShowcaseState, shown["title"]),
        path=_PATH,
        action=back_link("All showcases", _PATH),
        aside=_figures(),
    )


def _written() -> rx.Component:
    return rx.el.div(
        rx.el.div(stat_row(ShowcaseState.stats), class_name="bz-three-stats"),
        publishing(),
        story(),
        sharing(),
        search_result(),
        class_name="bz-blocks",
    )


def _figures() -> rx.Component:
    return rx.cond(
        count(ShowcaseState.figures) > 0,
        card(
            figure_list(ShowcaseState.figures),
            title="Figures",
            hint="The only numbers that a text may name. Choose one to insert it where you are writing, or to copy it.",
            flush=True,
            class_name="bz-figures-card",
        ),
        rx.cond(ShowcaseState.area == "loading", card(skeleton("60%"), skeleton("90%"), skeleton("70%"))),
    )


def _writing() -> rx.Component:
    shown = ShowcaseState.shown
    return card(
        rx.el.p(shown["note"], class_name="bz-sr", role="status"),
        run_steps(ShowcaseState.steps, label="Steps of the writing"),
        title="Being written",
        hint="You may leave this page: the writing goes on, and you are told when it is done.",
        action=rx.button(
            rx.icon("square", size=14, aria_hidden="true"),
            rx.cond(shown["is_cancel_asked"], "Stopping", "Cancel"),
            type="button",
            variant="soft",
            color_scheme="gray",
            loading=ShowcaseState.is_busy,
            disabled=shown["is_cancel_asked"],
            on_click=ShowcaseState.cancel,
        ),
    )


def _failed() -> rx.Component:
    shown = ShowcaseState.shown
    return rx.el.section(
        rx.el.div(
            rx.el.span(
                rx.icon("circle_alert", size=24, aria_hidden="true"), class_name="bz-empty-icon", data_tone="bad"
            ),
            rx.el.h2("This showcase could not be written"),
            rx.el.p(shown["failure"]),
            badge(shown["status_label"], shown["tone"]),
            rx.button(
                rx.icon("rotate_cw", size=16, aria_hidden="true"),
                "Try again",
                type="button",
                variant="soft",
                on_click=call(ShowcaseState.begin_again),
            ),
            class_name="bz-empty",
            role="alert",
        ),
        class_name="bz-card",
    )
