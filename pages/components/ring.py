"""Progress ring: how much of a whole is done."""

from __future__ import annotations

from math import pi
from typing import Final

import reflex as rx

from pages.components.values import Text, digits

_RADIUS: Final = 20
_AROUND: Final = 2 * pi * _RADIUS


def ring(percent: int, *, label: Text) -> rx.Component:
    """Draw `percent` (0 to 100) as an arc with the figure inside."""
    circle = {"cx": "24", "cy": "24", "r": str(_RADIUS), "stroke_width": "4"}
    return rx.el.div(
        rx.el.svg(
            rx.el.circle(**circle),
            rx.el.circle(
                **circle,
                stroke_dasharray=str(_AROUND),
                stroke_dashoffset=rx.Var.create(_AROUND * (1 - percent / 100)).to_string(),
            ),
            width="48",
            height="48",
            aria_hidden="true",
        ),
        rx.el.span(digits(percent) + "%", class_name="bz-num", aria_hidden="true"),
        class_name="bz-ring",
        role="progressbar",
        aria_label=label,
        aria_valuenow=digits(percent),
        aria_valuemin="0",
        aria_valuemax="100",
    )
