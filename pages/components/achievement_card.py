"""Achievement card: what it is, how far one is, and what to do next. The same for members and in the designer."""

from __future__ import annotations

import reflex as rx

from pages.components.badge import badge
from pages.components.emblem import emblem, icon_named
from pages.components.local_time import local_time
from pages.components.ring import ring
from state.rows import AchievementRow


def achievement_card(row: AchievementRow, *, heading: str = "h3") -> rx.Component:
    """Draw the card as one item of a list; `heading` keeps the page's headings in order."""
    title = rx.el.h2 if heading == "h2" else rx.el.h3
    return rx.el.li(
        rx.el.div(
            _mark(row),
            rx.el.div(
                title(row["name"]),
                rx.el.p(row["description"], class_name="bz-muted"),
                class_name="bz-cell-text",
            ),
            class_name="bz-shelf-head",
        ),
        next_step(row),
        rx.el.div(
            badge(row["status_label"], row["tone"]),
            rx.cond(row["unlocked_at"] != "", rx.el.span(local_time(row["unlocked_at"], "date"))),
            rx.cond(
                (row["unlocked_at"] == "") & (row["progress"] != ""),
                rx.el.span(row["progress"], class_name="bz-num"),
            ),
            rx.el.span(row["points"], class_name="bz-num"),
            rx.el.span(
                rx.el.i(class_name="bz-tier", data_tier=row["tier"], aria_hidden="true"),
                row["tier_label"],
                class_name="bz-tier-label",
            ),
            rx.cond(row["rarity"] != "", rx.el.span(row["rarity"], class_name="bz-num")),
            class_name="bz-shelf-foot",
        ),
        key=row["key"],
        class_name="bz-card bz-shelf-card",
        data_status=row["status"],
        data_secret=rx.cond(row["is_silhouette"], "true", "false"),
    )


def next_step(row: AchievementRow) -> rx.Component:
    """Draw what gets there, with the way to the page where it is done."""
    return rx.cond(
        row["next_action"] != "",
        rx.el.div(
            rx.el.p(row["next_action"]),
            rx.cond(
                row["next_path"] != "",
                rx.link(
                    row["next_label"],
                    rx.el.span(": " + row["name"], class_name="bz-sr"),
                    rx.icon("arrow_right", size=14, aria_hidden="true"),
                    href=row["next_path"],
                    class_name="bz-link bz-shelf-way",
                ),
            ),
            class_name="bz-shelf-next",
        ),
    )


def _mark(row: AchievementRow) -> rx.Component:
    """Draw what is won as its emblem, a secret as a lock, and everything else as the way there."""
    return rx.cond(
        row["status"] == "unlocked",
        emblem(row["icon"], row["tier"]),
        rx.cond(
            row["is_silhouette"],
            rx.el.span(rx.icon("lock", size=20), class_name="bz-shelf-lock", aria_hidden="true"),
            rx.cond(
                row["percent"] > 0,
                ring(row["percent"], label="Progress of " + row["name"]),
                rx.el.span(icon_named(row["icon"], size=20), class_name="bz-shelf-lock", aria_hidden="true"),
            ),
        ),
    )
