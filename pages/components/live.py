"""Live dot: whether this page still hears from the server."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors, has_too_many_connection_errors


def live_indicator() -> rx.Component:
    """Draw a dot with its word: connected, reconnecting or offline; a change is read out politely."""
    return rx.el.span(
        rx.cond(
            has_too_many_connection_errors,
            _state("Offline", "bad"),
            rx.cond(
                has_connection_errors,
                _state("Reconnecting", "warn"),
                rx.cond(rx.State.is_hydrated, _state("Live", "good", pulse=True), _state("Connecting", "")),
            ),
        ),
        class_name="bz-live",
        role="status",
    )


def live_dot() -> rx.Component:
    """Draw the dot alone, beside a figure that is kept up to date."""
    tone = rx.cond(has_too_many_connection_errors, "bad", rx.cond(has_connection_errors, "warn", "good"))
    return rx.el.i(class_name="bz-dot", data_tone=tone, aria_hidden="true")


def _state(word: str, tone: str, *, pulse: bool = False) -> rx.Component:
    return rx.fragment(
        rx.el.i(class_name="bz-dot", data_tone=tone, data_pulse="true" if pulse else "false", aria_hidden="true"),
        rx.el.span(word, class_name="bz-label"),
    )
