"""Wizard preview: what would come of the answers, before anything is done."""

from __future__ import annotations

import reflex as rx

from pages.components.server_field import secret_shown
from pages.components.values import count
from state.wizard_rows import FieldRow


def preview(row: FieldRow) -> rx.Component:
    """Draw the facts, the table and the note of a preview."""
    shown = row["preview"]
    return rx.el.section(
        rx.el.h3(rx.cond(shown["title"] != "", shown["title"], row["label"])),
        rx.cond(shown["note"] != "", rx.el.p(shown["note"], class_name="bz-wz-preview-note", data_tone=shown["tone"])),
        rx.el.dl(
            rx.foreach(
                shown["facts"],
                lambda fact: rx.el.div(rx.el.dt(fact["name"]), rx.el.dd(fact["value"], class_name="bz-num")),
            ),
            class_name="bz-pairs",
        ),
        rx.cond(shown["secret_path"] != "", secret_shown(shown["secret_path"])),
        rx.cond(
            count(shown["rows"]) > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption(row["label"], class_name="bz-sr"),
                    rx.el.thead(rx.el.tr(rx.foreach(shown["head"], lambda text: rx.el.th(text, scope="col")))),
                    rx.el.tbody(
                        rx.foreach(
                            shown["rows"],
                            lambda cells: rx.el.tr(rx.foreach(cells, lambda text: rx.el.td(text, class_name="bz-num"))),
                        )
                    ),
                    class_name="bz-table",
                ),
                class_name="bz-scroll",
                tab_index=0,
                role="region",
                aria_label=row["label"],
            ),
        ),
        class_name="bz-wz-preview",
        key=row["key"],
    )
