"""Skeletons: the shape of what comes, while it comes."""

from __future__ import annotations

import reflex as rx


def skeleton(width: str = "100%", height: str = "14px", *, round_: bool = False) -> rx.Component:
    """Draw one grey shape; sizes are CSS lengths."""
    return rx.el.span(
        class_name="bz-skel",
        style={"width": width, "height": height, "borderRadius": "50%" if round_ else "6px", "flex": "none"},
    )


def skeleton_rows(count: int) -> rx.Component:
    """Draw rows with an avatar, a name and a figure."""
    widths = ("38%", "30%", "44%", "34%", "26%")
    return rx.el.div(
        *[
            rx.el.div(
                skeleton("32px", "32px", round_=True),
                skeleton(widths[row % len(widths)]),
                rx.el.span(style={"flex": "1"}),
                skeleton("48px"),
                class_name="bz-skel-row",
            )
            for row in range(count)
        ],
        class_name="bz-skel-rows",
        aria_hidden="true",
    )


def skeleton_podium() -> rx.Component:
    """Draw the head of a board and three steps that nobody stands on yet."""
    return rx.el.div(
        rx.el.div(skeleton("120px", "20px"), class_name="bz-card-head"),
        rx.el.ol(
            *[
                rx.el.li(
                    skeleton("48px", "48px", round_=True),
                    skeleton("72%"),
                    skeleton("40px"),
                    rx.el.div(class_name="bz-plinth"),
                    data_place=place,
                    data_rank=place,
                )
                for place in ("1", "2", "3")
            ],
            class_name="bz-podium",
        ),
        aria_hidden="true",
    )


def skeleton_stats(count: int) -> rx.Component:
    """Draw a row of stats that have no figures yet."""
    return rx.el.div(
        *[
            rx.el.div(
                skeleton("56%"),
                rx.el.div(skeleton("72px", "28px"), class_name="bz-stat-row"),
                skeleton("64%", "12px"),
                class_name="bz-card bz-stat",
            )
            for _ in range(count)
        ],
        class_name="bz-stats",
        aria_hidden="true",
    )
