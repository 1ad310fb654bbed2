"""Tabs: the parts of a page, one of them open; the address `?tab=` opens one directly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from pages.components.values import digits


@dataclass(frozen=True)
class Tab:
    """One part: its key in the address, its label, what it shows, and how many things wait in it (a var), if any."""

    key: str
    label: str
    content: rx.Component
    waiting: Any = None
    waiting_label: str = "to decide"


def tabs(state: Any, *parts: Tab) -> rx.Component:
    """Draw the parts of a state with `tab` and `open_tab` (`TabsState`)."""
    return rx.tabs.root(
        rx.tabs.list(
            *[rx.tabs.trigger(part.label, *_waiting(part), value=part.key) for part in parts],
            size="2",
            class_name="bz-tabs",
        ),
        *[rx.tabs.content(part.content, value=part.key) for part in parts],
        value=state.tab,
        on_change=state.open_tab,
    )


def _waiting(part: Tab) -> list[rx.Component]:
    if part.waiting is None:
        return []
    count = rx.el.span(
        digits(part.waiting), rx.el.span(f" {part.waiting_label}", class_name="bz-sr"), class_name="bz-tab-count"
    )
    return [rx.cond(rx.Var.create(part.waiting).to(int) > 0, count)]
