"""Publishing a showcase: how it stands, what the client agrees to show, and its public link."""

from __future__ import annotations

import reflex as rx

from pages.components.badge import badge
from pages.components.callout import callout
from pages.components.card import card
from pages.components.confirm import asked, confirm
from pages.components.copy_field import copy_field
from pages.components.local_time import local_time
from pages.components.values import call
from state.showcase import ShowcaseState
from state.showcase_rows import ConsentRow


def publishing() -> rx.Component:
    """Draw the card."""
    shown = ShowcaseState.shown
    return card(
        rx.cond(shown["failure"] != "", callout(shown["failure"], tone="warn")),
        rx.cond(shown["missing"] != "", callout(shown["missing"], tone="warn")),
        rx.cond(shown["is_public"], _link()),
        rx.el.ul(
            rx.foreach(ShowcaseState.consents, _consent), class_name="bz-consents", aria_label="What the page shows"
        ),
        rx.cond(
            ~shown["can_consent"],
            rx.el.p("Only ", shown["consent_by"], " can agree to this.", class_name="bz-small bz-muted bz-flat"),
        ),
        title="Publishing",
        hint=rx.el.span(
            badge(shown["status_label"], shown["tone"], dot=True),
            rx.cond(shown["published_at"] != "", rx.fragment(" since ", local_time(shown["published_at"], "date"))),
            class_name="bz-standing",
        ),
        action=rx.cond(shown["is_public"], _unpublish(), _publish()),
    )


def _publish() -> rx.Component:
    return confirm(
        rx.button(
            rx.icon("globe", size=16, aria_hidden="true"),
            "Publish",
            type="button",
            loading=ShowcaseState.is_busy,
            disabled=ShowcaseState.shown["missing"] != "",
        ),
        title="Publish this showcase?",
        consequence="Everybody with the link can read it, and search engines may list it. You can take it down at "
        "any time.",
        action="Publish showcase",
        on_confirm=ShowcaseState.publish,
        danger=False,
    )


def _unpublish() -> rx.Component:
    return confirm(
        rx.button(
            rx.icon("eye_off", size=16, aria_hidden="true"),
            "Take down",
            type="button",
            variant="soft",
            color_scheme="gray",
            loading=ShowcaseState.is_busy,
        ),
        title="Take this page down?",
        consequence="Its address answers at once that there is no showcase. Links that were shared lead nowhere until "
        "you publish it again; the visits counted so far stay.",
        action="Take it down",
        on_confirm=ShowcaseState.unpublish,
    )


def _link() -> rx.Component:
    shown = ShowcaseState.shown
    return rx.el.div(
        copy_field(shown["public_url"], label="Public link"),
        rx.el.a(
            rx.icon("external_link", size=16, aria_hidden="true"),
            "Open",
            rx.el.span(" the page in a new window", class_name="bz-sr"),
            href=shown["public_url"],
            target="_blank",
            rel="noopener",
            class_name="bz-back",
        ),
        class_name="bz-public-link",
    )


def _consent(row: ConsentRow) -> rx.Component:
    return rx.el.li(
        rx.el.label(
            rx.switch(
                checked=row["is_on"],
                on_change=lambda is_on: call(ShowcaseState.consent, row["key"], is_on),
                disabled=ShowcaseState.is_busy | ~ShowcaseState.shown["can_consent"],
            ),
            rx.el.span(
                rx.el.span(row["label"], class_name="bz-strong"),
                rx.el.span(row["text"], class_name="bz-small bz-muted"),
                class_name="bz-cell-text",
            ),
            rx.cond(row["is_missing"], badge("Needed", "warn")),
            class_name="bz-consent",
        ),
        key=row["key"],
    )


def withdraw_dialog() -> rx.Component:
    """Draw the question before a consent is taken back from a published page."""
    return asked(
        ShowcaseState.dialog == "withdraw",
        ShowcaseState.close_dialog,
        title="Take this consent back?",
        consequence="The page shows it, so the page comes down at once. You can publish it again once you agree.",
        action="Take it back",
        on_confirm=ShowcaseState.withdraw,
    )
