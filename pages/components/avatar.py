"""Avatar: a person's initials; the name always stands beside it, so it is hidden from screen readers."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text


def avatar(initials: Text, *, large: bool = False, me: bool | rx.Var[bool] = False) -> rx.Component:
    """Draw the initials in a circle; `me` marks the reader's own."""
    return rx.el.span(
        initials,
        class_name="bz-avatar",
        data_size="lg" if large else "md",
        data_me=rx.cond(me, "true", "false"),
        aria_hidden="true",
    )


def person(name: Text, detail: Text, initials: Text) -> rx.Component:
    """Draw a table cell with a person: initials, name and a second line."""
    return rx.el.div(
        avatar(initials),
        rx.el.div(
            rx.el.span(name, class_name="bz-strong bz-truncate"),
            rx.el.span(detail, class_name="bz-small bz-muted bz-truncate"),
            class_name="bz-cell-text",
        ),
        class_name="bz-cell",
    )
