"""What stands around every page: the mark that it answers, and the line that is shown when the server does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors


class Ready(rx.Component):
    """The element of `assets/jsx/ready.jsx`: what was pressed before the page's code was there is pressed again."""

    library = "$/public/jsx/ready.jsx"
    tag = "Ready"


def _offline_line(stateful: bool) -> rx.Component | None:
    """Draw one quiet line on pages that talk to the server (`stateful`), while it does not answer."""
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


APP_WRAPS: Final[dict[tuple[int, str], Callable[[bool], rx.Component | None]]] = {
    (6, "Ready"): lambda _: Ready.create(),
    (5, "Overlay"): _offline_line,
}
"""For `rx.App(extra_app_wraps=...)`, outermost first. The line takes the place of Reflex's own technical overlay."""
