"""The panel beside the sign-in form: what the product does with an event, and how fast it answers right now."""

from __future__ import annotations

from typing import Final

import reflex as rx

_CHAIN: Final = (
    ("database", "Recorded once", "An event enters the ledger and is never written twice."),
    ("trophy", "Counted everywhere", "Points and ranks are derived from it, and from nothing else."),
    ("receipt_text", "Traced back", "Every score can name the events that it came from."),
)


class Pulse(rx.Component):
    """The answer time of this service, measured from the reader's browser."""

    library = "$/public/jsx/pulse.jsx"
    tag = "Pulse"


def panel() -> rx.Component:
    """Draw the panel."""
    return rx.el.div(
        rx.el.h2("One ledger behind every figure"),
        rx.el.ol(*[_step(*step) for step in _CHAIN], class_name="bz-chain"),
        Pulse.create(),
        class_name="bz-figure",
    )


def _step(icon: str, title: str, text: str) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.icon(icon, size=16, aria_hidden="true"), class_name="bz-chain-n"),
        rx.el.div(rx.el.b(title), rx.el.div(text, class_name="bz-muted"), style={"paddingTop": "4px"}),
    )
