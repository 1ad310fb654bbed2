"""Referrals: one's own link, what came of it, and what it earned."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.copy_field import copy_field
from pages.components.empty import empty_state
from pages.components.funnel import funnel
from pages.components.qr_panel import qr_panel
from pages.components.ring import ring
from pages.components.segmented import picker
from pages.components.select import select
from pages.components.share_bar import share_bar
from pages.components.skeleton import skeleton, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import count, words
from pages.portal.referral_tables import conversions, rewards
from pages.shell import shell
from state.referral_funnel import PERIODS
from state.referral_rows import TierRow
from state.referrals import ReferralsState


def referrals() -> rx.Component:
    """Draw the page."""
    return shell(
        "Referrals",
        "Share your link; what your friends buy through it earns you rewards.",
        area(
            ReferralsState,
            rx.el.div(
                rx.cond(count(ReferralsState.programs) > 1, _programs()),
                _link(),
                stat_row(ReferralsState.stats),
                rx.el.div(_tiers(), _funnel(), class_name="bz-halves"),
                conversions(),
                rewards(),
                class_name="bz-blocks",
            ),
            loading=_waiting(),
            empty=_invitation(),
            retry=ReferralsState.reload,
        ),
        path="/portal/referrals",
    )


def _programs() -> rx.Component:
    return rx.el.div(
        select(ReferralsState.programs, ReferralsState.program_id, ReferralsState.choose_program, label="Programme"),
        class_name="bz-toolbar",
    )


def _link() -> rx.Component:
    return rx.cond(
        ReferralsState.code != "",
        rx.el.section(
            rx.el.div(
                rx.el.div(
                    rx.el.h2("Your link"),
                    rx.el.p(
                        "Everyone who joins through it counts as your referral in the programme ",
                        ReferralsState.program,
                        ".",
                    ),
                ),
                copy_field(ReferralsState.url, label="Your referral link", mono=True),
                rx.el.div(
                    rx.el.h3("Share it", class_name="bz-small"),
                    share_bar(ReferralsState.shares, label="Share your link"),
                ),
                class_name="bz-reflink-main",
            ),
            qr_panel(
                ReferralsState.qr,
                alt="QR code of " + words(ReferralsState.url),
                hint="Opens your link when it is scanned: on a screen, a flyer or a card.",
                on_svg=ReferralsState.download_svg,
                on_png=ReferralsState.download_png,
            ),
            class_name="bz-card bz-reflink",
        ),
        card(_invitation()),
    )


def _invitation() -> rx.Component:
    return empty_state(
        "share_2",
        "Get your link",
        "You get a link of your own. What friends buy through it earns you rewards; here you see how far they came.",
        rx.button("Get my link", on_click=ReferralsState.make_code, loading=ReferralsState.is_making),
    )


def _tiers() -> rx.Component:
    return card(
        rx.el.div(
            ring(ReferralsState.tier_percent, label="Progress to the next tier"),
            rx.el.div(
                rx.el.span(ReferralsState.tier_title, class_name="bz-tier-title"),
                rx.el.span(ReferralsState.tier_next, class_name="bz-muted"),
                class_name="bz-cell-text",
            ),
            class_name="bz-cell",
        ),
        rx.el.ol(rx.foreach(ReferralsState.tiers, _tier), class_name="bz-ladder", aria_label="Tiers"),
        title="Your tier",
    )


def _tier(row: TierRow) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.cond(row["state"] == "ahead", rx.icon("circle", size=16), rx.icon("circle_check", size=16)),
            class_name="bz-ladder-mark",
            aria_hidden="true",
        ),
        rx.el.div(
            rx.el.span(row["name"], class_name="bz-strong"),
            rx.el.span(row["needs"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        rx.el.div(
            rx.el.span(row["reward"], class_name="bz-num"),
            rx.el.span(row["state_label"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text bz-ladder-end",
        ),
        key=row["key"],
        data_state=row["state"],
    )


def _funnel() -> rx.Component:
    return card(
        picker(PERIODS, ReferralsState.period, ReferralsState.choose_period, label="Period"),
        funnel(ReferralsState.funnel, ReferralsState.funnel_summary, caption="From clicks to rewards"),
        title="From clicks to rewards",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                skeleton("96px", "20px"), skeleton("100%", "40px"), skeleton("72%", "40px"), class_name="bz-blocks"
            ),
            skeleton("168px", "168px"),
            class_name="bz-card bz-reflink",
        ),
        skeleton_stats(4),
        rx.el.div(skeleton("100%", "360px"), skeleton("100%", "360px"), class_name="bz-halves"),
        class_name="bz-blocks",
        aria_hidden="true",
    )
