"""The frame of every signed-in page: rail, top bar, heading, content, and a bottom bar on phones."""

from __future__ import annotations

import reflex as rx

from pages import navigation
from pages.components.brand_colours import brand_colours
from pages.components.callout import callout
from pages.components.page_focus import PageFocus
from pages.components.values import Text
from pages.moment import moment
from pages.rail import rail, tab_bar
from pages.topbar import top_bar
from state.session import SessionState


def shell(
    title: Text,
    purpose: Text,
    *children: rx.Component,
    path: str,
    action: rx.Component | None = None,
    lead: rx.Component | None = None,
    aside: rx.Component | None = None,
) -> rx.Component:
    """Draw a page: one h1, one sentence of purpose, the primary action at the right, then the work.

    `path` is the page's own, for the breadcrumb and the marked entry of the navigation; `lead` spans the page above
    the work, for what chooses its content; `aside` becomes a side column from 1200 px and follows the work below that.
    """
    blocks = rx.el.div(*children, class_name="bz-blocks")
    work = rx.el.div(blocks, rx.el.div(aside, class_name="bz-aside"), class_name="bz-with-aside") if aside else blocks
    label = title if isinstance(title, str) else ""
    return rx.el.div(
        brand_colours(SessionState.brand, known=SessionState.is_ready),
        rx.el.a("Skip to content", href="#content", class_name="bz-skip"),
        rail(path),
        rx.el.div(
            top_bar(navigation.trail(path, label)),
            moment(),
            rx.el.main(
                PageFocus.create(),
                _notice(),
                _heading(title, purpose, action),
                *([rx.el.div(lead, class_name="bz-lead")] if lead else []),
                work,
                id="content",
                tab_index=-1,
                class_name="bz-content",
            ),
            class_name="bz-main",
        ),
        tab_bar(path),
        class_name="bz-shell",
    )


def _heading(title: Text, purpose: Text, action: rx.Component | None) -> rx.Component:
    return rx.el.header(
        rx.el.div(rx.el.h1(title, tab_index=-1), rx.el.p(purpose), class_name="bz-head-text"),
        *([action] if action else []),
        class_name="bz-head",
    )


def _notice() -> rx.Component:
    return rx.cond(
        SessionState.notice != "",
        rx.el.div(callout(SessionState.notice, on_dismiss=SessionState.dismiss_notice), class_name="bz-notice"),
    )
