"""The inbox of proposals: what agents would change, and a person's decision on each."""

from __future__ import annotations

from typing import Any, Final, Literal

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.segmented import segmented
from pages.components.skeleton import skeleton_rows
from pages.components.values import words
from state.agent_proposals import AgentProposalsState
from state.agent_rows import ArgumentRow, ProposalRow
from state.rows import Choice

SHOWN: Final[list[Choice]] = [{"value": "pending", "label": "To decide"}, {"value": "all", "label": "All"}]
_CONSEQUENCE: Final = {
    "approve": "It is carried out once, now, and with your own rights.",
    "reject": "Nothing is changed. The proposal is kept as rejected.",
}


def proposals(path: str) -> rx.Component:
    """Draw the proposals; each names the run below `path` that it comes from."""
    return rx.el.div(
        rx.el.div(
            segmented(SHOWN, AgentProposalsState.shown, AgentProposalsState.choose_shown, label="Show"),
            class_name="bz-toolbar",
        ),
        area(
            AgentProposalsState,
            rx.el.ul(
                rx.foreach(AgentProposalsState.rows, lambda row: _proposal(row, path)),
                class_name="bz-proposals",
                aria_label="Proposals",
            ),
            loading=card(skeleton_rows(4), flush=True),
            empty=_nothing(),
            retry=AgentProposalsState.reload,
        ),
        class_name="bz-blocks",
    )


def _nothing() -> rx.Component:
    return rx.cond(
        AgentProposalsState.shown == "pending",
        empty_state(
            "check_check", "Nothing to decide", "An agent changes nothing by itself: what it proposes waits here."
        ),
        empty_state("inbox", "No proposals yet", "Some agents end a run with a change that they propose."),
    )


def _proposal(row: ProposalRow, path: str) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.h2(row["title"]),
                rx.el.p(
                    row["agent"],
                    " · ",
                    local_time(row["at"]),
                    " · ",
                    rx.link("See the run", href=f"{path}/run?run=" + row["run_id"], class_name="bz-link"),
                ),
            ),
            badge(row["label"], row["tone"]),
            class_name="bz-card-head",
        ),
        rx.el.div(
            rx.el.details(
                rx.el.summary(row["action"], ": what would be done"),
                rx.el.dl(rx.foreach(row["arguments"], _argument), class_name="bz-kv"),
                open=row["is_pending"],
                class_name="bz-fold",
            ),
            rx.cond(row["outcome"] != "", rx.el.p(row["outcome"], class_name="bz-muted")),
            rx.cond(
                row["is_pending"], rx.el.div(_decision(row, "approve"), _decision(row, "reject"), class_name="bz-acts")
            ),
            class_name="bz-card-body",
        ),
        key=row["id"],
        class_name="bz-card",
    )


def _argument(row: ArgumentRow) -> rx.Component:
    """Draw an argument whole; a long one scrolls within its own lines."""
    block = rx.el.pre(row["value"], tab_index=0, aria_label=row["label"])
    return rx.fragment(
        rx.el.dt(row["label"], data_block=row["is_block"]),
        rx.el.dd(rx.cond(row["is_block"], block, row["value"]), data_block=row["is_block"]),
        key=row["key"],
    )


def _decision(row: ProposalRow, decision: Literal["approve", "reject"]) -> rx.Component:
    """Draw a button with its dialog, which takes a note for the record."""
    word, is_yes = decision.capitalize(), decision == "approve"
    decide: Any = AgentProposalsState.decide  # the decorator hides from a type checker that it can be called
    variant: Literal["solid", "soft"] = "solid" if is_yes else "soft"
    note = f"note-{decision}-" + words(row["id"])
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(
            rx.button(
                word, variant=variant, color_scheme="iris" if is_yes else "gray", aria_label=f"{word}: " + row["title"]
            )
        ),
        rx.alert_dialog.content(
            rx.alert_dialog.title(f"{word} this proposal?", size="5"),
            rx.alert_dialog.description(row["title"], ". ", _CONSEQUENCE[decision], size="2"),
            rx.el.div(
                rx.el.label("Note for the record ", rx.el.span("(optional)", class_name="bz-muted"), html_for=note),
                rx.el.textarea(
                    id=note, rows=3, max_length=500, class_name="bz-area", on_blur=AgentProposalsState.write_note
                ),
                class_name="bz-field bz-dialog-field",
            ),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                rx.alert_dialog.action(
                    rx.button(f"{word} proposal", color_scheme="iris", on_click=decide(row["id"], decision))
                ),
                spacing="3",
                margin_top="20px",
                justify="end",
                wrap="wrap",
            ),
            max_width="440px",
        ),
        on_open_change=AgentProposalsState.open_decision,
    )
