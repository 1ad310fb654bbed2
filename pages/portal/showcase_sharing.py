"""Sharing a showcase: the texts for each network, and how it looks where it is found or shared."""

from __future__ import annotations

import reflex as rx

from pages.components.card import card
from pages.components.social_texts import social_texts
from pages.components.values import count
from state.showcase import ShowcaseState


def sharing() -> rx.Component:
    """Draw the texts to post."""
    shown = ShowcaseState.shown
    return rx.cond(
        count(ShowcaseState.social) > 0,
        card(
            social_texts(ShowcaseState.social, is_public=shown["is_public"]),
            title="Share",
            hint=rx.cond(
                shown["is_public"],
                "Each link says where a visitor came from, and carries the owner's referral code where they are named.",
                "The links work once the page is published.",
            ),
        ),
    )


def search_result() -> rx.Component:
    """Draw the page as a search result, and as the picture of a shared link."""
    seo, shown = ShowcaseState.seo, ShowcaseState.shown
    return rx.cond(
        seo["title"] != "",
        card(
            rx.el.div(
                rx.el.span(seo["address"], class_name="bz-small bz-muted bz-truncate"),
                rx.el.p(seo["title"], class_name="bz-result-title"),
                rx.el.p(seo["description"], class_name="bz-muted bz-result-text"),
                class_name="bz-result",
                role="group",
                aria_label="Search result",
            ),
            rx.el.dl(
                rx.el.dt("Title"),
                rx.el.dd(seo["title_length"], class_name="bz-num"),
                rx.el.dt("Description"),
                rx.el.dd(seo["description_length"], class_name="bz-num"),
                class_name="bz-kv",
            ),
            rx.el.ul(
                rx.foreach(seo["keywords"], lambda word: rx.el.li(word, key=word)),
                class_name="bz-tools",
                aria_label="Keywords",
            ),
            rx.cond(
                shown["image_url"] != "",
                rx.el.figure(
                    rx.image(
                        src=shown["image_url"],
                        alt="The title and the main figures of the showcase",
                        width="1200",
                        height="630",
                        loading="lazy",
                        class_name="bz-share-image",
                    ),
                    rx.el.figcaption("The picture of a shared link", class_name="bz-small bz-muted"),
                    class_name="bz-share-figure",
                ),
            ),
            title="In search results",
            hint="Made of the page's own texts and figures; it changes with them.",
        ),
    )
