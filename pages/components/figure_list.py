"""Figures: the numbers that a text may name, each with its period and source, ready to be put into the text."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text, count
from state.showcase_rows import ChipRow, FigureRow, PieceRow


def _copied() -> tuple[()]:
    return ()


class FigureButton(rx.Component):
    """A button that inserts `value` into the text edited last, or copies it and calls `on_copied`."""

    library = "$/public/jsx/figures.jsx"
    tag = "FigureButton"

    value: rx.Var[str]
    label: rx.Var[str]
    bound: rx.Var[bool]
    on_copied: rx.EventHandler[_copied]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


class NumberLink(rx.Component):
    """A number in a text that leads to the row of its figure."""

    library = "$/public/jsx/figures.jsx"
    tag = "NumberLink"

    figure: rx.Var[str]


def figure_list(rows: list[FigureRow]) -> rx.Component:
    """Draw every figure: label, the form in which a text may carry it, period and source."""
    return rx.el.ul(rx.foreach(rows, _figure), class_name="bz-figures", aria_label="Figures")


def figure_chips(chips: list[ChipRow]) -> rx.Component:
    """Draw the figures beside the text that is being edited, those that it names marked."""
    return rx.el.ul(
        rx.foreach(
            chips,
            lambda chip: rx.el.li(
                _use(
                    rx.el.span(chip["value"], class_name="bz-strong bz-num"),
                    rx.el.span(chip["label"], class_name="bz-small bz-muted"),
                    value=chip["value"],
                    label=chip["label"],
                    bound=chip["is_bound"],
                ),
                key=chip["key"],
            ),
        ),
        class_name="bz-figure-chips",
        aria_label="Figures to insert",
    )


def told(pieces: list[PieceRow]) -> rx.Component:
    """Draw a text whose numbers lead to their figures."""
    return rx.foreach(
        pieces,
        lambda piece: rx.cond(
            piece["figure"] != "",
            NumberLink.create(piece["text"], figure=piece["figure"], key=piece["key"]),
            rx.fragment(piece["text"], key=piece["key"]),
        ),
    )


def _figure(row: FigureRow) -> rx.Component:
    anchor: Any = "figure-" + row["key"]
    return rx.el.li(
        _use(
            rx.el.span(row["label"], class_name="bz-figure-label"),
            rx.el.span(row["value"], class_name="bz-strong bz-num"),
            value=row["value"],
            label=row["label"],
        ),
        rx.el.span(row["period"], class_name="bz-small bz-muted bz-num"),
        rx.el.span(row["source"], class_name="bz-small bz-muted"),
        rx.cond(
            count(row["event_ids"]) > 0,
            rx.el.details(
                rx.el.summary(row["ids_note"]),
                rx.el.ul(rx.foreach(row["event_ids"], lambda event_id: rx.el.li(event_id, key=event_id))),
                class_name="bz-figure-ids",
            ),
        ),
        id=anchor,
        tab_index=-1,
        key=row["key"],
    )


def _use(*children: rx.Component, value: Text, label: Text, bound: Any = False) -> rx.Component:
    return FigureButton.create(*children, value=value, label=label, bound=bound, on_copied=rx.toast.success("Copied"))
