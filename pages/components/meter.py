"""Meter: how much of something is used, in words and as a bar."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text, digits


def meter(title: str, used: Text, of: Text, percent: int, *, label: str, warns: bool = True) -> rx.Component:
    """Draw the bar under "`title`: `used` `of`"; `label` names it for who does not see it.

    What is used up is warned of from 90 percent; with `warns` off, full is what it should be.
    """
    width = digits(percent)
    return rx.el.div(
        rx.el.div(
            rx.el.span(title, class_name="bz-muted"),
            rx.el.span(rx.el.span(used, class_name="bz-strong"), " ", of, class_name="bz-num"),
            class_name="bz-meter-head",
        ),
        rx.el.div(
            rx.el.span(style={"width": width + "%"}),
            class_name="bz-meter",
            role="progressbar",
            aria_label=label,
            aria_valuenow=width,
            aria_valuemin="0",
            aria_valuemax="100",
            data_full=rx.cond(rx.Var.create(percent) >= 90, "true", "false") if warns else "false",
        ),
    )
