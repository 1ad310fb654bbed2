"""Rank row: medal, member, movement, distance to the leader and score, as a row of the board's table."""

from __future__ import annotations

import reflex as rx

from pages.components.avatar import avatar
from pages.components.values import Text, digits
from state.rows import RankRow


def rank_head(score_label: Text, *, compact: bool = False) -> rx.Component:
    """Draw the headings that go with `rank_row`."""
    return rx.el.thead(
        rx.el.tr(
            rx.el.th("Rank", scope="col", class_name="bz-col-rank"),
            rx.el.th("Member", scope="col"),
            *([] if compact else [rx.el.th("Of the leader's score", scope="col", class_name="bz-col-share")]),
            rx.el.th(score_label, scope="col", class_name="bz-end"),
        )
    )


def rank_row(row: RankRow) -> rx.Component:
    """Draw one member."""
    return _row(row, rx.el.td(_share(row), class_name="bz-col-share"))


def compact_row(row: RankRow) -> rx.Component:
    """Draw one member without the bar, for narrow places."""
    return _row(row)


def medal(rank: int) -> rx.Component:
    """Draw a rank; the first three in gold, silver and bronze."""
    return rx.el.span(digits(rank), class_name="bz-medal bz-num", data_rank=digits(rank))


def movement(row: RankRow) -> rx.Component:
    """Draw how far a member moved, in words for screen readers and as an arrow for eyes."""
    places = row["movement"]
    return rx.cond(
        places == 0,
        rx.fragment(),
        rx.el.span(
            rx.cond(places > 0, rx.icon("arrow_up", size=12), rx.icon("arrow_down", size=12)),
            rx.el.span(digits(rx.cond(places > 0, places, -places)), aria_hidden="true"),
            rx.el.span(row["movement_text"], class_name="bz-sr"),
            class_name="bz-move bz-num",
            data_dir=rx.cond(places > 0, "up", "down"),
            title=row["movement_text"],
        ),
    )


def _member(row: RankRow) -> rx.Component:
    return rx.el.div(
        avatar(row["initials"], me=row["is_me"]),
        rx.el.span(row["name"], class_name="bz-truncate bz-strong"),
        rx.cond(row["is_me"], rx.el.span("You", class_name="bz-badge", data_tone="accent")),
        movement(row),
        class_name="bz-cell",
    )


def _share(row: RankRow) -> rx.Component:
    percent = digits(row["share"]) + "%"
    return rx.el.div(
        rx.el.span(style={"width": percent}),
        rx.el.span(percent, class_name="bz-sr"),
        class_name="bz-share",
        title=percent,
    )


def _row(row: RankRow, *between: rx.Component) -> rx.Component:
    return rx.el.tr(
        rx.el.td(medal(row["rank"]), class_name="bz-col-rank"),
        rx.el.td(_member(row)),
        *between,
        rx.el.td(row["score"], class_name="bz-end bz-num bz-strong"),
        data_me=rx.cond(row["is_me"], "true", "false"),
        data_key=row["key"],
        data_score=row["score"],
        key=row["key"],
    )
