"""Key-value list: a few facts about one thing."""

from __future__ import annotations

from typing import Any

import reflex as rx


def key_values(*pairs: tuple[str, Any]) -> rx.Component:
    """Draw the facts, one a line; a value is text, a var or a component."""
    cells: list[rx.Component] = []
    for label, value in pairs:
        cells += [rx.el.dt(label), rx.el.dd(value)]
    return rx.el.dl(*cells, class_name="bz-kv")
