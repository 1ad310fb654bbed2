"""Status badge: a word in its colour; the word alone carries the meaning."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text


def badge(text: Text, tone: Text = "neutral", *, dot: bool = False) -> rx.Component:
    """Draw a badge; `tone` is neutral, good, warn, bad, info or accent."""
    mark = [rx.el.i(class_name="bz-dot", data_tone=tone, aria_hidden="true")] if dot else []
    return rx.el.span(*mark, text, class_name="bz-badge", data_tone=tone)
