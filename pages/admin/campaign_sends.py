"""The messages of one campaign: to whom, through what, and what became of each."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.set_aside import asked_act
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call
from state.campaign import CampaignSendsState
from state.campaign_rows import SendRow
from state.campaign_words import SENDS


def sends() -> rx.Component:
    """Draw the table of messages."""
    return area(
        CampaignSendsState,
        listing(
            CampaignSendsState,
            CampaignSendsState.rows,
            (
                Column("Person", _person, sort="name"),
                Column("Channel", lambda row: row["channel"]),
                Column("What became of it", _outcome, sort="status"),
                Column("When", _when, sort="due_at"),
                Column("Actions", _acts, end=True, quiet=True),
            ),
            caption="Messages of the campaign",
            key=lambda row: row["id"],
            search="Search by person",
            filters=(picker("status", "Outcome", "Any outcome", SENDS),),
        ),
        loading=card(skeleton_rows(8), flush=True),
        empty=empty_state("mail", "No messages", "This campaign has nothing to send."),
        retry=CampaignSendsState.reload,
    )


def _person(row: SendRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["name"], class_name="bz-strong bz-truncate"),
        rx.el.span(row["email"], class_name="bz-small bz-muted bz-truncate"),
        class_name="bz-cell-text bz-stacked",
    )


def _outcome(row: SendRow) -> rx.Component:
    """Draw the state, and why it is so where something stood in the way."""
    return rx.el.div(
        rx.el.span(
            badge(row["status_label"], row["tone"]),
            rx.cond(row["tries"] != "", rx.el.span(row["tries"], class_name="bz-small bz-muted")),
            class_name="bz-desk-outcome",
        ),
        rx.cond(row["reason"] != "", rx.el.span(row["reason"], class_name="bz-small bz-muted")),
        rx.cond(
            row["clicked_at"] != "",
            rx.el.span("Followed a link ", local_time(row["clicked_at"]), class_name="bz-small bz-muted"),
        ),
        class_name="bz-cell-text",
    )


def _when(row: SendRow) -> rx.Component:
    return rx.el.span(rx.cond(row["status"] == "pending", "due ", ""), local_time(row["at"], "datetime"))


def _acts(row: SendRow) -> rx.Component:
    return rx.cond(
        row["can_retry"],
        rx.el.div(
            asked_act(
                "rotate_cw",
                "Send again",
                "to " + row["name"],
                consequence="It goes at the next allowed hour. If its reason says that it may have arrived, ask the "
                "person first: else it may arrive twice.",
                on_confirm=call(CampaignSendsState.retry, row["id"]),
                danger=False,
            ),
            class_name="bz-row-acts",
        ),
        rx.fragment(),
    )
