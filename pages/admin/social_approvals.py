"""The side of a social campaign's page for its client: the link to send, what came of it, and asking anew."""

from __future__ import annotations

import reflex as rx

from pages.components.badge import badge
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.copy_field import copy_field
from pages.components.dialog import Field, form_dialog
from pages.components.local_time import local_time
from pages.components.values import call, count, words
from state.social_campaign import SocialCampaignState
from state.social_rows import AnswerRow


def approvals() -> rx.Component:
    """Draw every link that a client was given, the newest first."""
    state = SocialCampaignState
    return card(
        rx.cond(
            count(state.answers) > 0,
            rx.el.ul(rx.foreach(state.answers, _answer), class_name="bz-desk-parts"),
            rx.el.p("No client was asked: the posts go out by themselves.", class_name="bz-muted bz-desk-words"),
        ),
        rx.cond(
            state.shown["can_ask"],
            rx.button(
                rx.cond(count(state.answers) > 0, "Ask again", "Ask a client"),
                variant="soft",
                on_click=call(state.open_dialog, "ask"),
                class_name="bz-desk-ask",
            ),
        ),
        title="Client approval",
    )


def asking() -> rx.Component:
    """Draw the dialog that makes a link."""
    return form_dialog(
        SocialCampaignState,
        "ask",
        title="Ask a client to approve",
        text="They answer by a link. The campaign waits until they do, and earlier links end.",
        fields=(
            Field(
                "client_name",
                "Client",
                value=SocialCampaignState.asked_name,
                max_length=120,
                hint="As you call them here; the client reads it too.",
            ),
            Field(
                "client_email",
                "Client's e-mail",
                "email",
                value=SocialCampaignState.asked_email,
                max_length=254,
                optional=True,
                hint="The link is mailed there. Without it you send the link yourself.",
            ),
            Field("days", "Days until the link expires", "number", value="14", max_length=2, hint="1 to 30."),
        ),
        submit_label="Make link",
        on_submit=SocialCampaignState.ask,
    )


def _answer(row: AnswerRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row["client"], class_name="bz-strong"),
            badge(row["state_label"], row["tone"]),
            class_name="bz-desk-part-head",
        ),
        rx.el.p(
            rx.cond(
                row["decided_at"] != "",
                rx.fragment("Answered ", local_time(row["decided_at"], "datetime")),
                rx.fragment("Asked ", local_time(row["asked_at"], "datetime")),
            ),
            class_name="bz-small bz-muted bz-desk-words",
        ),
        rx.cond(row["mail"] != "", _mail(row)),
        rx.cond(row["comment"] != "", rx.el.blockquote(row["comment"], class_name="bz-desk-quote")),
        rx.cond(row["is_open"], _link(row)),
        key=row["id"],
    )


def _mail(row: AnswerRow) -> rx.Component:
    return rx.el.p(
        row["mail"],
        rx.cond(row["mailed_at"] != "", rx.fragment(", ", local_time(row["mailed_at"], "datetime"))),
        class_name="bz-small bz-muted bz-desk-words",
    )


def _link(row: AnswerRow) -> rx.Component:
    client = words(row["client"])
    return rx.el.div(
        copy_field(row["url"], label="Link for " + client, mono=True),
        rx.el.div(
            rx.el.span("Works until ", local_time(row["expires_at"], "date"), class_name="bz-small bz-muted"),
            confirm(
                rx.button(
                    "Take back", variant="soft", color_scheme="gray", aria_label="Take back the link for " + client
                ),
                title="Take back the link for " + client + "?",
                consequence="It stops working at once, and the campaign goes on waiting until you ask again.",
                action="Take back",
                on_confirm=call(SocialCampaignState.revoke, row["id"]),
            ),
            class_name="bz-desk-part-head",
        ),
        class_name="bz-desk-link",
    )
