"""Area: one place where data is shown, in its five states: loading, empty, partial, failed, full."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.callout import callout
from pages.components.failure import failure


def area(
    state: Any,
    full: rx.Component,
    *,
    loading: rx.Component,
    empty: rx.Component,
    retry: Any,
    framed: bool = True,
) -> rx.Component:
    """Draw what the state's `area` says.

    `state` is a state class with the vars of `AreaState`: area, failure_message, failure_request_id, partial_note.
    `framed` puts a card around the empty and failed forms, for areas that bring no card of their own.
    """
    frame = "bz-card" if framed else ""
    return rx.match(
        state.area,
        ("full", full),
        (
            "partial",
            rx.el.div(callout(state.partial_note, tone="warn"), full, class_name="bz-blocks"),
        ),
        ("empty", rx.el.div(empty, class_name=frame)),
        (
            "failed",
            rx.el.div(failure(state.failure_message, state.failure_request_id, retry), class_name=frame),
        ),
        rx.el.div(loading, rx.el.span("Loading", class_name="bz-sr", role="status")),
    )
