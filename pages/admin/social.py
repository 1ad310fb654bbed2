"""Social campaigns for administrators: every one, how far it is, and pausing, resuming or ending it."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.steering import row_steering
from pages.components.table import Column
from pages.shell import shell
from state.social_campaigns import SocialCampaignsState
from state.social_rows import SocialCampaignRow
from state.social_words import STATES

PATH: Final = "/admin/social"
CANCELLING: Final = (
    "What has not been published yet never is, and this cannot be taken back. What stands on the networks stays there."
)


def social() -> rx.Component:
    """Draw the page."""
    return shell(
        "Social campaigns",
        "What is published on your accounts, which client has still to answer, and what failed.",
        area(
            SocialCampaignsState,
            _table(),
            loading=card(skeleton_rows(6), flush=True),
            empty=empty_state(
                "calendar_days",
                "No social campaign yet",
                "Launched campaigns are followed, approved and ended here.",
                new_campaign(),
            ),
            retry=SocialCampaignsState.reload,
        ),
        path=PATH,
        action=new_campaign(),
    )


def new_campaign() -> rx.Component:
    """Draw the way to the wizard of social campaigns."""
    return rx.link(
        rx.button(rx.icon("plus", size=16, aria_hidden="true"), "New social campaign", tab_index=-1),
        href="/wizards/social",
        underline="none",
    )


def _table() -> rx.Component:
    return listing(
        SocialCampaignsState,
        SocialCampaignsState.rows,
        (
            Column("Campaign", _name, sort="name"),
            Column("State", lambda row: badge(row["state_label"], row["tone"]), sort="state"),
            Column("Launched", lambda row: local_time(row["launched_at"], "date"), sort="launched_at"),
            Column("Published", lambda row: row["published"], end=True),
            Column("Waiting", lambda row: row["waiting"], end=True),
            Column("Failed", _failed, end=True),
            Column("Actions", lambda row: row_steering(SocialCampaignsState, row, CANCELLING), end=True, quiet=True),
        ),
        caption="Social campaigns of your organisation",
        key=lambda row: row["id"],
        search="Search by name",
        filters=(picker("state", "State", "Any state", STATES),),
    )


def _name(row: SocialCampaignRow) -> rx.Component:
    return rx.el.div(
        rx.link(row["name"], href=row["path"], class_name="bz-strong"),
        rx.cond(row["goal"] != "", rx.el.span(row["goal"], class_name="bz-small bz-muted bz-truncate")),
        class_name="bz-cell-text bz-stacked",
    )


def _failed(row: SocialCampaignRow) -> rx.Component:
    return rx.cond(row["has_failed"], badge(row["failed"], "bad"), row["failed"])
