"""Podium: the first three of a board."""

from __future__ import annotations

import reflex as rx

from pages.components.avatar import avatar
from pages.components.rank import medal
from pages.components.values import Text, digits
from state.rows import RankRow


def podium(rows: list[RankRow], unit: Text) -> rx.Component:
    """Draw the first three in order of rank; the eye sees second, first, third."""
    return rx.el.ol(
        rx.foreach(rows, lambda row, place: _step(row, place, unit)),
        class_name="bz-podium",
        aria_label="The first three",
    )


def _step(row: RankRow, place: int, unit: Text) -> rx.Component:
    return rx.el.li(
        avatar(row["initials"], large=True, me=row["is_me"]),
        rx.el.span(row["name"], class_name="bz-podium-name bz-truncate"),
        rx.el.span(row["score"], rx.el.span(" ", unit, class_name="bz-sr"), class_name="bz-muted bz-num"),
        rx.el.div(medal(row["rank"]), class_name="bz-plinth"),
        data_place=digits(place + 1),
        data_rank=digits(row["rank"]),
        key=row["key"],
    )
