"""The fourth tab of the settings: what is shared with other organisations, in plain words, and only by choice."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.empty import empty_state
from pages.components.skeleton import skeleton
from pages.components.values import Text, call, digits
from state.sharing import SharingState

_LEAVES: Final = (
    "Keyed hashes of the e-mail address, the device and the payment instrument of a conversion that was blocked or "
    "reviewed. Nobody without the platform's key can tell what a hash was made of.",
    "With each: whether it was a suspicion, or a person of yours confirmed or cleared it.",
)
_STAYS: Final = (
    "Names, addresses, orders, amounts and who referred whom.",
    "Who you are: others learn how many saw a hash, never which ones.",
)


def sharing() -> rx.Component:
    """Draw the tab."""
    return area(
        SharingState,
        rx.el.div(_signals(), _standing(), class_name="bz-halves"),
        loading=rx.el.div(card(skeleton("100%", "300px")), card(skeleton("100%", "300px")), class_name="bz-halves"),
        empty=empty_state("share_2", "Nothing to share", "There is nothing to choose here yet."),
        retry=SharingState.load,
    )


def _signals() -> rx.Component:
    return card(
        rx.el.p(
            "Organisations that take part warn each other of people who cheat at referrals. A warning can hold a "
            "conversion for review. It never rejects one by itself, and each use stands in your audit log.",
            class_name="bz-flat",
        ),
        _list("What leaves your organisation", _LEAVES),
        _list("What never leaves it", _STAYS),
        _choice(
            SharingState.shares_signals,
            is_busy=SharingState.busy == "signals",
            on_choose=SharingState.share_signals,
            what="network learning",
            consequence="What you told is taken back at once, and you are no longer warned by others.",
        ),
        title="Network learning",
        hint="Fraud signals between organisations",
        action=_state(SharingState.shares_signals),
    )


def _standing() -> rx.Component:
    group = digits(SharingState.smallest_group)
    return card(
        rx.el.p(
            "See where you stand among organisations of your industry by points per active member.",
            class_name="bz-flat",
        ),
        _list(
            "What others see",
            (
                "The quarters of the whole group, rounded. Never your figure or your name.",
                rx.fragment("Nothing at all while fewer than ", group, " take part."),
            ),
        ),
        rx.cond(
            SharingState.shares_standing,
            rx.el.div(
                rx.cond(
                    SharingState.standing != "",
                    rx.fragment(
                        rx.el.span(SharingState.standing, class_name="bz-strong bz-num"),
                        rx.el.span(SharingState.middle, class_name="bz-small bz-muted bz-num"),
                    ),
                    rx.el.span(
                        "Not enough organisations of your industry take part yet. Your standing appears here when "
                        "they do.",
                        class_name="bz-muted",
                    ),
                ),
                class_name="bz-preview bz-cell-text",
            ),
        ),
        _choice(
            SharingState.shares_standing,
            is_busy=SharingState.busy == "standing",
            on_choose=SharingState.share_standing,
            what="the comparison",
            consequence="You no longer see your standing, and no longer count in the group's quarters.",
        ),
        title="Industry comparison",
        hint=rx.cond(SharingState.industry != "", SharingState.industry, "No industry named yet"),
        action=_state(SharingState.shares_standing),
    )


def _state(is_on: Any) -> rx.Component:
    return rx.cond(is_on, badge("Taking part", "good"), badge("Not taking part"))


def _list(title: str, items: tuple[Text | rx.Component, ...]) -> rx.Component:
    return rx.el.div(
        rx.el.h3(title, class_name="bz-list-title"),
        rx.el.ul(*[rx.el.li(item) for item in items], class_name="bz-plain-list"),
    )


def _choice(is_on: Any, *, is_busy: Any, on_choose: Any, what: str, consequence: str) -> rx.Component:
    leave = rx.button(f"Leave {what}", type="button", variant="soft", color_scheme="gray", loading=is_busy)
    return rx.el.div(
        rx.cond(
            is_on,
            confirm(
                leave,
                title=f"Leave {what}?",
                consequence=consequence,
                action="Leave",
                on_confirm=call(on_choose, False),
            ),
            rx.button(f"Take part in {what}", type="button", loading=is_busy, on_click=call(on_choose, True)),
        ),
    )
