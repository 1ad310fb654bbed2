"""Bars: named values side by side, each with its figure in words, so that it is a list to who does not see it."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text
from state.agent_rows import PointRow


def bars(points: list[PointRow], *, label: Text) -> rx.Component:
    """Draw the bars; what is below nought goes to the left of it."""
    return rx.el.ul(rx.foreach(points, _bar), class_name="bz-bars", aria_label=label)


def _bar(point: PointRow) -> rx.Component:
    return rx.el.li(
        rx.el.span(point["x"], class_name="bz-bar-name"),
        rx.el.span(point["text"], class_name="bz-bar-value bz-num"),
        rx.el.span(
            rx.el.span(
                style={"insetInlineStart": point["start"], "width": point["size"]},
                data_negative=rx.cond(point["is_negative"], "true", "false"),
            ),
            class_name="bz-bar-track",
            aria_hidden="true",
        ),
        key=point["key"],
    )
