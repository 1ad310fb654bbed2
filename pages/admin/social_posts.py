"""The calendar of a social campaign: its posts by day, what became of each, and changing one."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.badge import badge
from pages.components.card import card
from pages.components.dialog import Field, form_dialog
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.set_aside import asked_act
from pages.components.values import call, count
from state.social_campaign import SocialCampaignState
from state.social_rows import DayRow, PostRow


def calendar() -> rx.Component:
    """Draw the days that have posts."""
    days = SocialCampaignState.days
    return card(
        rx.cond(
            count(days) > 0,
            rx.el.div(rx.foreach(days, _day), class_name="bz-desk-days"),
            empty_state("calendar_days", "No posts", "This campaign has nothing to publish."),
        ),
        title="Calendar",
        hint=rx.fragment("By the clocks of ", SocialCampaignState.timezone, "."),
    )


def changing() -> rx.Component:
    """Draw the dialog that changes the chosen post."""
    chosen = SocialCampaignState.chosen
    return form_dialog(
        SocialCampaignState,
        "change",
        title="Change this post",
        text=chosen["account"] + ". A failed post stays failed until you try it again.",
        fields=(
            Field("text", "Text", "area", value=chosen["words"]),
            Field("hashtags", "Hashtags", value=chosen["hashtags"], max_length=2000, optional=True),
            Field("title", "Title", value=chosen["title"], max_length=300, optional=True),
            Field(
                "media_url",
                "Address of the picture or video",
                "url",
                value=chosen["media_url"],
                max_length=2048,
                optional=True,
            ),
            Field(
                "scheduled_at",
                "Goes out at",
                value=chosen["at"],
                max_length=16,
                hint="By the clocks of " + SocialCampaignState.timezone + ".",
            ),
        ),
        submit_label="Save post",
        on_submit=SocialCampaignState.change,
        wide=True,
    )


def _day(day: DayRow) -> rx.Component:
    return rx.el.section(
        rx.el.h3(day["label"]),
        rx.el.ul(rx.foreach(day["posts"], _post), class_name="bz-desk-posts"),
        key=day["key"],
    )


def _post(post: PostRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(rx.Var.create(post["at"]).to(str)[11:], class_name="bz-strong bz-num"),
            rx.el.span(post["account"], class_name="bz-strong"),
            badge(post["state_label"], post["tone"]),
            rx.cond(post["note"] != "", rx.el.span(post["note"], class_name="bz-small bz-muted")),
            class_name="bz-desk-facts",
        ),
        rx.el.div(_acts(post), class_name="bz-desk-post-acts"),
        rx.el.div(
            rx.cond(post["title"] != "", rx.el.p(post["title"], class_name="bz-strong")),
            rx.el.p(post["text"], class_name="bz-desk-words"),
            rx.cond(post["media_url"] != "", rx.el.p(post["media_url"], class_name="bz-small bz-muted bz-desk-words")),
            _outcome(post),
            class_name="bz-desk-post-text",
        ),
        key=post["id"],
    )


def _outcome(post: PostRow) -> rx.Component:
    """Draw why it failed, when it is tried again, and where it stands."""
    return rx.fragment(
        rx.cond(
            post["reason"] != "",
            rx.el.p(
                rx.icon("circle_alert", size=14, aria_hidden="true"),
                post["reason"],
                rx.cond(post["next_at"] != "", rx.fragment(" Tried again ", local_time(post["next_at"]), ".")),
                class_name="bz-field-error",
            ),
        ),
        rx.cond(
            post["link"] != "",
            rx.el.a(
                rx.icon("external_link", size=16, aria_hidden="true"),
                "Open the post",
                rx.el.span(", " + post["account"] + ", in a new window", class_name="bz-sr"),
                href=post["link"],
                target="_blank",
                rel="noopener noreferrer",
                class_name="bz-back",
            ),
        ),
    )


def _acts(post: PostRow) -> rx.Component:
    state = SocialCampaignState
    named = post["account"] + ", " + post["at"]
    return rx.el.div(
        rx.cond(post["can_change"], act("pencil", "Change " + named, on_click=call(state.choose_post, post["id"]))),
        rx.cond(
            post["can_retry"],
            asked_act(
                "rotate_cw",
                "Try again",
                named,
                consequence="It is published now, whatever its place in the calendar. If its reason says that it may "
                "stand on the network already, look there first: else it may stand there twice.",
                on_confirm=call(state.retry, post["id"]),
                danger=False,
            ),
        ),
        class_name="bz-row-acts",
    )
