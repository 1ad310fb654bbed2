"""The latest runs: what was asked, by whom, and what came of it."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column, data_table
from state.agent_rows import RunRow
from state.agent_runs import AgentRunsState


def runs(path: str, *, with_askers: bool) -> rx.Component:
    """Draw the runs; each leads to its own page below `path`. Members see only their own, so nobody is named."""
    asker = (Column("Asked by", lambda row: row["asked_by"]),) if with_askers else ()
    return area(
        AgentRunsState,
        card(
            data_table(
                AgentRunsState.rows,
                (
                    Column("Agent", lambda row: _agent(row, path)),
                    Column("Status", lambda row: badge(row["label"], row["tone"], dot=True)),
                    *asker,
                    Column("Took", lambda row: row["took"], end=True),
                    Column("Asked", lambda row: local_time(row["at"]), end=True),
                ),
                caption="The latest runs of agents",
                key=lambda row: row["id"],
            ),
            _more(),
            flush=True,
        ),
        loading=card(skeleton_rows(6), flush=True),
        empty=empty_state(
            "history", "No runs yet", "Each run of an agent is kept here with its input, tool calls and result."
        ),
        retry=AgentRunsState.reload,
    )


def _agent(row: RunRow, path: str) -> rx.Component:
    return rx.el.div(
        rx.link(row["agent"], href=f"{path}/run?run=" + row["id"], underline="hover", class_name="bz-strong"),
        rx.el.span(row["detail"], class_name="bz-small bz-muted bz-two-lines"),
        class_name="bz-cell-text bz-run-cell",
    )


def _more() -> rx.Component:
    return rx.cond(
        AgentRunsState.has_more,
        rx.el.div(
            rx.button(
                "Show more",
                variant="soft",
                color_scheme="gray",
                loading=AgentRunsState.is_loading_more,
                on_click=AgentRunsState.show_more,
            ),
            class_name="bz-more",
        ),
    )
