"""A showcase in the gallery: its cover, how it stands, and what happened to its page."""

from __future__ import annotations

import reflex as rx

from pages.components.badge import badge
from pages.components.local_time import local_time
from pages.components.run_steps import run_steps
from pages.components.values import call
from state.portfolio import PortfolioState
from state.showcase_rows import CardRow


def showcase_card(row: CardRow) -> rx.Component:
    """Draw the card; its title is the link to the showcase."""
    return rx.el.li(
        _cover(row),
        rx.el.div(
            rx.el.div(
                badge(row["status_label"], row["tone"], dot=True),
                rx.el.span(local_time(row["at"]), class_name="bz-small bz-muted"),
                class_name="bz-show-line",
            ),
            rx.el.div(
                rx.cond(row["owner"] != "", rx.el.span(row["owner"], class_name="bz-strong bz-truncate")),
                rx.el.span(row["period"], class_name="bz-muted bz-num"),
                class_name="bz-show-whose",
            ),
            rx.match(
                row["status"],
                ("generating", _writing(row)),
                ("failed", _failed(row)),
                _counts(row),
            ),
            class_name="bz-show-body",
        ),
        key=row["id"],
        class_name="bz-card bz-show",
        data_status=row["status"],
    )


def _cover(row: CardRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["kind"], class_name="bz-cover-kind"),
        rx.el.h2(rx.link(row["title"], href=row["path"], underline="none", class_name="bz-cover-link")),
        rx.el.dl(
            rx.foreach(
                row["figures"],
                lambda item: rx.el.div(
                    rx.el.dt(item["label"]), rx.el.dd(item["value"], class_name="bz-num"), key=item["key"]
                ),
            )
        ),
        class_name="bz-cover",
        data_template=row["template"],
    )


def _counts(row: CardRow) -> rx.Component:
    return rx.el.dl(
        rx.foreach(
            row["counts"],
            lambda item: rx.el.div(
                rx.el.dt(item["label"]), rx.el.dd(item["value"], class_name="bz-num"), key=item["key"]
            ),
        ),
        class_name="bz-show-counts",
    )


def _writing(row: CardRow) -> rx.Component:
    return rx.el.div(
        rx.el.p(row["note"], class_name="bz-sr", role="status"),
        run_steps(row["steps"], label="Steps of the writing"),
        rx.button(
            rx.icon("square", size=14, aria_hidden="true"),
            rx.cond(row["is_cancel_asked"], "Stopping", "Cancel"),
            type="button",
            variant="soft",
            color_scheme="gray",
            aria_label="Cancel the writing of " + row["title"],
            loading=PortfolioState.cancelling == row["id"],
            disabled=row["is_cancel_asked"],
            on_click=call(PortfolioState.cancel, row["id"], row["run_id"]),
        ),
        class_name="bz-show-run",
    )


def _failed(row: CardRow) -> rx.Component:
    return rx.el.div(
        rx.el.p(row["failure"], class_name="bz-show-failure"),
        rx.button(
            rx.icon("rotate_cw", size=16, aria_hidden="true"),
            "Try again",
            type="button",
            variant="soft",
            aria_label="Have " + row["title"] + " written again",
            on_click=call(PortfolioState.begin_again, row["id"]),
        ),
        class_name="bz-show-run",
    )
