"""Campaigns for administrators: every one, how far it is, and pausing, resuming or ending it."""

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
from state.campaign_rows import CampaignRow
from state.campaign_words import STATUSES
from state.campaigns import CampaignsState

PATH: Final = "/admin/campaigns"
CANCELLING: Final = (
    "What has not gone out yet never goes, and this cannot be taken back. What is out stays out, and the page keeps "
    "telling what became of it."
)


def campaigns() -> rx.Component:
    """Draw the page."""
    return shell(
        "Campaigns",
        "What goes out to your members, how far each campaign is, and what did not arrive.",
        area(
            CampaignsState,
            _table(),
            loading=card(skeleton_rows(6), flush=True),
            empty=empty_state(
                "megaphone",
                "No campaign yet",
                "Launched campaigns are followed, paused and ended here.",
                new_campaign(),
            ),
            retry=CampaignsState.reload,
        ),
        path=PATH,
        action=new_campaign(),
    )


def new_campaign() -> rx.Component:
    """Draw the way to the campaign builder."""
    return rx.link(
        rx.button(rx.icon("plus", size=16, aria_hidden="true"), "New campaign", tab_index=-1),
        href="/wizards/campaign",
        underline="none",
    )


def _table() -> rx.Component:
    return listing(
        CampaignsState,
        CampaignsState.rows,
        (
            Column("Campaign", _name, sort="name"),
            Column("Status", lambda row: badge(row["status_label"], row["tone"]), sort="status"),
            Column("Channels", lambda row: row["channels"]),
            Column("Runs", _span, sort="starts_at"),
            Column("Sent", lambda row: row["sent"], end=True),
            Column("Waiting", lambda row: row["waiting"], end=True),
            Column("Failed", _failed, end=True),
            Column("Actions", lambda row: row_steering(CampaignsState, row, CANCELLING), end=True, quiet=True),
        ),
        caption="Campaigns of your organisation",
        key=lambda row: row["id"],
        search="Search by name or goal",
        filters=(picker("status", "Status", "Any status", STATUSES),),
    )


def _name(row: CampaignRow) -> rx.Component:
    return rx.el.div(
        rx.link(row["name"], href=row["path"], class_name="bz-strong"),
        rx.cond(row["goal"] != "", rx.el.span(row["goal"], class_name="bz-small bz-muted bz-truncate")),
        class_name="bz-cell-text bz-stacked",
    )


def _span(row: CampaignRow) -> rx.Component:
    return rx.el.span(local_time(row["starts_at"], "date"), " to ", local_time(row["ends_at"], "date"))


def _failed(row: CampaignRow) -> rx.Component:
    return rx.cond(row["has_failed"], badge(row["failed"], "bad"), row["failed"])
