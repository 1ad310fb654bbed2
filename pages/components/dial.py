"""Dial: a score from 0 to 100 on half a circle, with the marks from which something happens."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.values import Text, digits
from state.fraud_rows import MarkRow

_ARC: Final = "M 26 84 A 54 54 0 0 1 134 84"


def dial(score: int, marks: list[MarkRow], *, tone: Text, label: Text) -> rx.Component:
    """Draw the score as an arc in its tone, the marks with their numbers; `label` says all of it in words."""
    arc = {"d": _ARC, "fill": "none", "custom_attrs": {"pathLength": "100"}}
    return rx.el.div(
        rx.el.svg(
            rx.el.path(**arc, class_name="bz-dial-track"),
            rx.el.path(**arc, class_name="bz-dial-value", stroke_dasharray=digits(score) + " 200", data_tone=tone),
            rx.foreach(marks, _mark),
            view_box="0 0 160 96",
            aria_hidden="true",
        ),
        rx.el.span(digits(score), class_name="bz-dial-score bz-num", aria_hidden="true"),
        rx.el.span("of 100", class_name="bz-dial-of", aria_hidden="true"),
        class_name="bz-dial",
        role="img",
        aria_label=label,
    )


def _mark(mark: MarkRow) -> rx.Component:
    return rx.el.g(
        rx.el.line(
            x1="80", y1="20", x2="80", y2="40", custom_attrs={"transform": mark["turn"]}, class_name="bz-dial-mark"
        ),
        rx.el.text(mark["label"], x=mark["x"], y=mark["y"], custom_attrs={"textAnchor": mark["anchor"]}),
        key=mark["key"],
    )
