"""Card: a titled area with one pixel of border and no shadow."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text


def card(
    *children: rx.Component,
    title: Text | None = None,
    hint: Text | rx.Component | None = None,
    action: rx.Component | None = None,
    flush: bool = False,
    class_name: str = "",
) -> rx.Component:
    """Draw a card; `flush` lets a table or list touch its edges."""
    head: list[rx.Component] = []
    if title is not None:
        words = [rx.el.h2(title)] if hint is None else [rx.el.h2(title), rx.el.p(hint)]
        head.append(rx.el.div(rx.el.div(*words), *([action] if action else []), class_name="bz-card-head"))
    body = (
        rx.el.div(*children, class_name="bz-card-flush" if title is not None else "")
        if flush
        else (rx.el.div(*children, class_name="bz-card-body"))
    )
    return rx.el.section(*head, body, class_name=f"bz-card {class_name}".strip())
