"""Export card: asking for one's data, how far it is, and the file once it is there."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.local_time import local_time
from pages.components.meter import meter
from pages.components.skeleton import skeleton


def export_card(state: Any, *, title: str, hint: str, ask: str) -> rx.Component:
    """Draw the card of a state that takes `ExportingState`; `ask` is what the button says."""
    return card(
        area(
            state,
            rx.match(
                state.export_state,
                ("open", _underway(state)),
                ("done", _ready(state, ask)),
                ("failed", _again(state, ask, "It could not be finished. Nothing of it was kept; ask for it again.")),
                _again(state, ask, "A ZIP with one file for each kind of record. It takes a minute or two."),
            ),
            loading=skeleton("100%", "72px"),
            empty=rx.fragment(),
            retry=state.reload,
            framed=False,
        ),
        title=title,
        hint=hint,
    )


def _underway(state: Any) -> rx.Component:
    return rx.el.div(
        meter(
            "Gathering", state.export_progress, "", state.export_percent, label="Progress of the export", warns=False
        ),
        rx.el.div(
            confirm(
                rx.button("Stop", variant="soft", color_scheme="gray"),
                title="Stop gathering?",
                consequence="What was gathered so far is deleted. You can ask for it again at any time.",
                action="Stop gathering",
                on_confirm=state.cancel_export,
                cancel="Go on",
            ),
            class_name="bz-acts",
        ),
        class_name="bz-blocks",
    )


def _ready(state: Any, ask: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "Ready since ",
            local_time(state.export_asked_at),
            ". You can download it until ",
            local_time(state.export_expires_at, "datetime"),
            ", then it is deleted.",
            class_name="bz-flat",
        ),
        rx.el.div(
            rx.link(
                rx.button(rx.icon("download", size=16, aria_hidden="true"), "Download the ZIP", tab_index=-1),
                href=state.export_file,
                custom_attrs={"data-session": "open-api"},
                aria_label="Download the ZIP",
            ),
            rx.button(ask + " again", variant="soft", color_scheme="gray", on_click=state.start_export),
            class_name="bz-acts",
        ),
        class_name="bz-blocks",
    )


def _again(state: Any, ask: str, text: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(text, class_name="bz-flat"),
        rx.el.div(
            rx.button(
                rx.icon("package", size=16, aria_hidden="true"), ask, variant="soft", on_click=state.start_export
            ),
            class_name="bz-acts",
        ),
        class_name="bz-blocks",
    )
