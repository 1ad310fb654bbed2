"""Achievements for administrators: every definition, and the doubtful unlocks."""

from __future__ import annotations

import reflex as rx

from pages.admin.achievement_reviews import reviews
from pages.components.act import act_link
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.dialog import choices
from pages.components.emblem import emblem
from pages.components.empty import empty_state
from pages.components.listing import Filter, listing
from pages.components.set_aside import Back, set_aside
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.tabs import Tab, tabs
from pages.components.values import call
from pages.shell import shell
from state.achievement_reviews import AchievementReviewsState
from state.definitions import DESIGNER, DefinitionRow, DefinitionsState
from state.designs import TIERS

PATH = "/admin/achievements"


def achievements() -> rx.Component:
    """Draw the page."""
    return shell(
        "Achievements",
        "What members can unlock, who has it, and the unlocks that wait for you.",
        tabs(
            DefinitionsState,
            Tab("definitions", "All achievements", _definitions()),
            Tab("reviews", "Doubtful unlocks", reviews(), waiting=AchievementReviewsState.waiting),
        ),
        path=PATH,
        action=rx.link(
            rx.button(rx.icon("plus", size=16, aria_hidden="true"), "Design an achievement", tab_index=-1),
            href=DESIGNER,
            class_name="bz-button-link",
        ),
    )


def _definitions() -> rx.Component:
    return area(
        DefinitionsState,
        listing(
            DefinitionsState,
            DefinitionsState.rows,
            (
                Column("Achievement", _name, sort="name"),
                Column("Category", lambda row: row["category"], sort="category"),
                Column("Tier", _tier, sort="tier"),
                Column("Points", lambda row: row["points"], end=True, sort="points"),
                Column("Unlocked by", lambda row: row["unlocked_by"], end=True, sort="unlocked_by"),
                Column("Status", _status, sort="status"),
                Column("Actions", _acts, end=True, quiet=True),
            ),
            caption="Achievements of your organisation",
            key=lambda row: row["id"],
            search="Search by name or key",
            filters=(
                Filter("category", "Category", DefinitionsState.categories),
                Filter("tier", "Tier", [*choices(("", "All tiers")), *TIERS]),
                Filter(
                    "origin",
                    "Origin",
                    choices(("", "Yours and built in"), ("custom", "Yours"), ("predefined", "Built in")),
                ),
                Filter("status", "Status", choices(("", "Any status"), ("active", "Active"), ("archived", "Archived"))),
            ),
        ),
        loading=card(skeleton_rows(10), flush=True),
        empty=empty_state(
            "award", "No achievements yet", "Design the first one: a rule in a sentence, tried out live."
        ),
        retry=DefinitionsState.reload,
    )


def _name(row: DefinitionRow) -> rx.Component:
    return rx.el.div(
        emblem(row["icon"], row["tier"], size=18),
        rx.el.div(
            rx.cond(
                row["is_custom"],
                rx.link(row["name"], href=row["edit_path"], class_name="bz-link bz-strong"),
                rx.el.span(row["name"], class_name="bz-strong"),
            ),
            rx.el.span(row["rule"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        class_name="bz-cell bz-definition",
    )


def _tier(row: DefinitionRow) -> rx.Component:
    return rx.el.span(
        rx.el.i(class_name="bz-tier", data_tier=row["tier"], aria_hidden="true"),
        row["tier_label"],
        class_name="bz-tier-label",
    )


def _status(row: DefinitionRow) -> rx.Component:
    return rx.el.span(
        badge(row["status_label"], row["tone"]),
        rx.cond(row["is_custom"], badge(row["origin"], "accent")),
        class_name="bz-badges",
    )


def _acts(row: DefinitionRow) -> rx.Component:
    return rx.el.div(
        rx.cond(row["is_custom"], act_link("pencil", "Change " + row["name"], row["edit_path"])),
        act_link("copy", "Begin a new one from " + row["name"], row["copy_path"]),
        rx.cond(row["is_custom"], _archive(row)),
        class_name="bz-row-acts",
    )


def _archive(row: DefinitionRow) -> rx.Component:
    return set_aside(
        row["status"] == "archived",
        Back(
            "archive_restore",
            "Bring " + row["name"] + " back",
            call(DefinitionsState.change_status, row["key"], "active"),
        ),
        "archive",
        "Archive",
        row["name"],
        consequence="Nobody can unlock it any more. Those who have it keep it, with its points. You can bring it back "
        "at any time.",
        on_confirm=call(DefinitionsState.change_status, row["key"], "archived"),
    )
