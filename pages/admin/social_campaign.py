"""One social campaign: its calendar, what became of each post, its client's answer, and steering it."""

from __future__ import annotations

import reflex as rx

from pages.admin.social import CANCELLING, PATH
from pages.admin.social_approvals import approvals, asking
from pages.admin.social_posts import calendar, changing
from pages.components.area import area
from pages.components.back_link import back_link
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.meter import meter
from pages.components.skeleton import skeleton, skeleton_rows
from pages.components.steering import page_steering
from pages.components.values import words
from pages.shell import shell
from state.social_campaign import SocialCampaignState


def social_campaign() -> rx.Component:
    """Draw the page of the social campaign that the address names."""
    state = SocialCampaignState
    return shell(
        rx.cond(state.shown["name"] != "", state.shown["name"], "Social campaign"),
        "What goes out when, what became of each post, and what your client says.",
        area(
            state,
            rx.el.div(_standing(), calendar(), class_name="bz-blocks"),
            loading=rx.el.div(skeleton("100%", "96px"), card(skeleton_rows(8), flush=True), class_name="bz-blocks"),
            empty=empty_state(
                "calendar_days",
                "No such campaign",
                "Choose one in the list.",
                back_link("All social campaigns", PATH),
            ),
            retry=state.reload,
        ),
        asking(),
        changing(),
        path=PATH,
        action=back_link("All social campaigns", PATH),
        aside=rx.cond(state.area == "full", approvals()),
    )


def _standing() -> rx.Component:
    """Draw the state, how far it is, and the acts that the state allows."""
    shown = SocialCampaignState.shown
    return card(
        rx.el.div(
            badge(shown["state_label"], shown["tone"]),
            rx.cond(
                shown["ended_at"] != "",
                rx.el.span("ended ", local_time(shown["ended_at"], "datetime"), class_name="bz-muted"),
                rx.el.span("launched ", local_time(shown["launched_at"], "datetime"), class_name="bz-muted"),
            ),
            rx.cond(shown["has_failed"], badge(words(shown["failed"]) + " failed", "bad")),
            class_name="bz-desk-facts",
        ),
        rx.cond(shown["goal"] != "", rx.el.p(shown["goal"], class_name="bz-desk-words")),
        meter("Done", shown["done_text"], shown["of_text"], shown["done"], label="How much of it is done", warns=False),
        page_steering(SocialCampaignState, words(shown["stopping"]) + " still to go out. " + CANCELLING),
        class_name="bz-desk-standing",
    )
