"""Error block: what happened, how to try again, and the request id for support behind a disclosure."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def failure(message: Text, request_id: Text, retry: Any) -> rx.Component:
    """Draw an area whose data could not be read; `retry` is the handler that loads it again."""
    return rx.el.div(
        rx.el.span(rx.icon("circle_alert", size=24, aria_hidden="true"), class_name="bz-empty-icon", data_tone="bad"),
        rx.el.h2("This could not be loaded"),
        rx.el.p(message),
        rx.button(rx.icon("refresh_cw", size=16, aria_hidden="true"), "Try again", on_click=retry, variant="soft"),
        rx.cond(
            request_id != "",
            rx.el.details(
                rx.el.summary("Details for support"),
                rx.el.code(request_id),
                class_name="bz-details",
            ),
        ),
        class_name="bz-empty",
        role="alert",
    )
