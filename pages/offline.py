"""What is said when the server cannot be reached: one quiet line, in place of Reflex's technical message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors


def _offline_line(stateful: bool) -> rx.Component | None:
    """Draw the line on pages that talk to the server (`stateful`), while it does not answer."""
    if not stateful:
        return None
    return rx.cond(
        has_too_many_connection_errors,
        rx.el.div(
            rx.icon("cloud_off", size=16, aria_hidden="true"),
            "The connection is lost. What you see may be out of date; trying again.",
            class_name="bz-offline",
            role="status",
        ),
        rx.fragment(),
    )


APP_WRAPS: Final[dict[tuple[int, str], Callable[[bool], rx.Component | None]]] = {(5, "Overlay"): _offline_line}
"""For `rx.App(extra_app_wraps=...)`: takes the place of Reflex's own overlay."""
