"""A part of the case: a heading, a line that explains it, and what it holds."""

from __future__ import annotations

from typing import Any

import reflex as rx


def part(title: str, *children: rx.Component, hint: Any = None) -> rx.Component:
    """Draw a part; `hint` is text or a var."""
    head = [rx.el.h3(title), *([rx.el.p(hint, class_name="bz-small bz-muted")] if hint is not None else [])]
    return rx.el.div(rx.el.div(*head), *children, class_name="bz-case-part")
