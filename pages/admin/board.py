"""One leaderboard for administrators: its definition at the left, who would lead by it at the right."""

from __future__ import annotations

import reflex as rx

from pages.admin.board_fields import audience, caps, counting, names, periods, prizes
from pages.admin.board_places import places
from pages.admin.board_seasons import seasons
from pages.components.area import area
from pages.components.back_link import back_link
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.skeleton import skeleton
from pages.components.values import call
from pages.shell import shell
from state.board_editor import BoardEditorState

LIST = "/admin/leaderboards"


def board() -> rx.Component:
    """Draw the editor."""
    state = BoardEditorState
    return shell(
        rx.cond(state.is_new, "New leaderboard", rx.cond(state.board_title != "", state.board_title, "Leaderboard")),
        "Say what counts and how it ranks, and see who would lead by it now.",
        area(
            state,
            _form(),
            loading=rx.el.div(
                *[card(skeleton("32%", "20px"), skeleton("100%", height)) for height in ("96px", "160px", "160px")],
                class_name="bz-blocks",
            ),
            empty=empty_state("trophy", "No such board", "Choose one in the list."),
            retry=state.load,
        ),
        _anew(),
        path=LIST,
        action=back_link("All boards", LIST),
        aside=rx.cond(state.area == "full", rx.fragment(places(), seasons())),
    )


def _form() -> rx.Component:
    state = BoardEditorState
    return rx.el.form(
        rx.cond(
            state.status == "archived",
            rx.el.div(
                badge("Archived", "neutral"),
                rx.el.span("Members do not see it. Restore it in the list of boards.", class_name="bz-muted"),
                class_name="bz-cell",
            ),
        ),
        names(),
        counting(),
        periods(),
        caps(),
        audience(),
        prizes(),
        rx.el.div(
            rx.cond(
                state.form_error != "",
                rx.el.span(
                    rx.icon("circle_alert", size=16, aria_hidden="true"),
                    state.form_error,
                    class_name="bz-field-error",
                    role="alert",
                ),
            ),
            rx.link(
                rx.button("Cancel", type="button", variant="soft", color_scheme="gray", tab_index=-1),
                href=LIST,
                underline="none",
            ),
            rx.button(rx.cond(state.is_new, "Open board", "Save changes"), type="submit", loading=state.is_saving),
            class_name="bz-form-actions bz-editor-foot",
        ),
        on_submit=state.save,
        no_validate=True,
        class_name="bz-form bz-editor",
        data_inline="true",
    )


def _anew() -> rx.Component:
    """Ask before the board is counted anew."""
    state = BoardEditorState
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title("Count this board anew?", size="5"),
            rx.alert_dialog.description(
                "What you changed decides what counts or how it ranks, so every score is counted again from all that "
                "is recorded, and members see the new ranks at once. Arrows since yesterday start afresh. Closed "
                "seasons keep their winners.",
                size="2",
            ),
            rx.flex(
                rx.button(
                    "Back to the editor", variant="soft", color_scheme="gray", on_click=call(state.leave_unsaved, False)
                ),
                rx.button("Recount", on_click=state.save_anew, loading=state.is_saving),
                spacing="3",
                margin_top="20px",
                justify="end",
                wrap="wrap",
            ),
            max_width="480px",
        ),
        open=state.is_asking,
        on_open_change=state.leave_unsaved,
    )
