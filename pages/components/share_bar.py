"""Share bar: the channels that open with a prepared message."""

from __future__ import annotations

import reflex as rx

from state.referral_rows import ShareRow


def share_bar(channels: list[ShareRow], *, label: str) -> rx.Component:
    """Draw a link for each channel; all but mail open in a tab of their own."""
    return rx.el.ul(rx.foreach(channels, _channel), class_name="bz-sharebar", aria_label=label)


def _channel(row: ShareRow) -> rx.Component:
    return rx.el.li(
        rx.cond(
            row["key"] == "mail",
            rx.el.a(_icon("mail"), row["label"], href=row["url"], class_name="bz-sharelink"),
            rx.el.a(
                row["label"],
                _icon("arrow_up_right"),
                rx.el.span("(opens in a new tab)", class_name="bz-sr"),
                href=row["url"],
                target="_blank",
                rel="noopener noreferrer",
                class_name="bz-sharelink",
            ),
        ),
        key=row["key"],
    )


def _icon(name: str) -> rx.Component:
    return rx.icon(name, size=16, aria_hidden="true")
