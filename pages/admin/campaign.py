"""One campaign: how far it is, steering it, and what became of each message."""

from __future__ import annotations

import reflex as rx

from pages.admin.campaign_sends import sends
from pages.admin.campaigns import CANCELLING, PATH
from pages.components.area import area
from pages.components.back_link import back_link
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.facts import fact_list
from pages.components.local_time import local_time
from pages.components.meter import meter
from pages.components.skeleton import skeleton, skeleton_rows
from pages.components.stat import stat_row
from pages.components.steering import page_steering
from pages.components.values import words
from pages.shell import shell
from state.campaign import CampaignState
from state.campaign_rows import ChannelRow


def campaign() -> rx.Component:
    """Draw the page of the campaign that the address names."""
    state = CampaignState
    return shell(
        rx.cond(state.shown["name"] != "", state.shown["name"], "Campaign"),
        "How far it is, and what became of each message.",
        area(
            state,
            rx.el.div(_standing(), stat_row(state.stats), sends(), class_name="bz-blocks"),
            loading=rx.el.div(skeleton("100%", "96px"), card(skeleton_rows(8), flush=True), class_name="bz-blocks"),
            empty=empty_state(
                "megaphone", "No such campaign", "Choose one in the list.", back_link("All campaigns", PATH)
            ),
            retry=state.reload,
        ),
        path=PATH,
        action=back_link("All campaigns", PATH),
        aside=rx.cond(state.area == "full", rx.fragment(_plan(), _contents())),
    )


def _standing() -> rx.Component:
    """Draw the status, how far it is, and the acts that the status allows."""
    shown = CampaignState.shown
    return card(
        rx.el.div(
            badge(shown["status_label"], shown["tone"]),
            rx.el.span(shown["channels"], class_name="bz-muted"),
            _when(),
            class_name="bz-desk-facts",
        ),
        meter("Done", shown["done_text"], shown["of_text"], shown["done"], label="How much of it is done", warns=False),
        page_steering(CampaignState, words(shown["stopping"]) + " still to go. " + CANCELLING),
        class_name="bz-desk-standing",
    )


def _when() -> rx.Component:
    shown = CampaignState.shown
    return rx.cond(
        shown["ended_at"] != "",
        rx.el.span("ended ", local_time(shown["ended_at"], "datetime"), class_name="bz-muted"),
        rx.cond(
            shown["next_at"] != "",
            rx.el.span("next message ", local_time(shown["next_at"], "datetime"), class_name="bz-muted"),
        ),
    )


def _plan() -> rx.Component:
    shown = CampaignState.shown
    return card(
        fact_list(shown["facts"]),
        rx.el.p(
            "From ",
            local_time(shown["starts_at"], "datetime"),
            " to ",
            local_time(shown["ends_at"], "datetime"),
            ". What has not gone out by then does not go.",
            class_name="bz-small bz-muted bz-desk-note",
        ),
        title="Plan",
    )


def _contents() -> rx.Component:
    return card(
        rx.el.ul(rx.foreach(CampaignState.shown["parts"], _part), class_name="bz-desk-parts"),
        title="What it says",
    )


def _part(part: ChannelRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(part["label"], class_name="bz-strong"),
            rx.el.span(part["budget"], class_name="bz-num bz-muted"),
            class_name="bz-desk-part-head",
        ),
        rx.cond(part["subject"] != "", rx.el.p(part["subject"], class_name="bz-desk-words")),
        rx.el.p(part["text"], class_name="bz-small bz-muted bz-desk-words", data_code=part["is_code"]),
        key=part["key"],
    )
