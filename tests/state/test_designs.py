"""The designer's form as data: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.achievements import CreateAchievement, DefinitionView, DryRunView
from bizosaas_app.services.gamification.achievements.catalogue import CATEGORIES, PREDEFINED
from state import designs
from state.designs import BLANK
from state.icons import ICONS

RULE = {"event": "task.completed", "aggregate": "count", "threshold": 5}
BERLIN = "Europe/Berlin"


def definition(**fields: Any) -> DefinitionView:
    known = {
        "id": uuid4(),
        "key": "five",
        "name": "Five tasks",
        "description": "Complete five",
        "category": "onboarding",
        "tier": "gold",
        "points": 120,
        "icon": "rocket",
        "platform": None,
        "is_hidden": False,
        "is_custom": True,
        "repeats": "never",
        "trigger": RULE,
        "preconditions": ["first-task"],
        "limits": {"max_per_day": 3, "requires_verified": False},
        "status": "active",
        "starts_at": datetime(2026, 11, 30, 23, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 31, 23, tzinfo=UTC),
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "unlocked_by": 0,
    }
    return DefinitionView.model_validate({**known, **fields})


def dry_run(**fields: Any) -> DryRunView:
    known = {
        "would_unlock": 14,
        "would_be_provisional": 0,
        "unlocks": 14,
        "events": 900,
        "days": 90,
        "members": 120,
        "is_whole": False,
        "sample": [{"user_id": uuid4(), "name": "Ada Berg"}, {"user_id": uuid4(), "name": "Ben Ito"}],
    }
    return DryRunView.model_validate({**known, **fields})


def test_every_icon_of_the_catalogue_can_be_picked() -> None:
    assert {item.icon for item in (*PREDEFINED, *CATEGORIES)} <= set(ICONS)
    assert len(set(ICONS)) == len(ICONS)


@pytest.mark.parametrize(
    ("name", "key"),
    [("Überflieger 2026!", "uberflieger-2026"), ("  Ten -- tasks ", "ten-tasks"), ("達成", ""), ("x" * 90, "x" * 63)],
)
def test_a_key_is_made_from_the_name(name: str, key: str) -> None:
    assert designs.key_from(name) == key


def test_a_definition_comes_back_from_the_form_as_it_was() -> None:
    item = definition()
    draft = designs.draft_of(item, BERLIN)
    assert (draft["starts_on"], draft["ends_on"]) == ("2026-12-01", "2026-12-31")
    fields = designs.fields_of(draft, item.trigger, item.preconditions, BERLIN)
    command = CreateAchievement.model_validate(fields)
    assert (command.starts_at, command.ends_at) == (item.starts_at, item.ends_at)
    assert command.limits.model_dump() == item.limits
    assert (command.key, command.points, command.tier, command.preconditions) == ("five", 120, "gold", ["first-task"])
    assert designs.changes_of(fields, fields) == {}


def test_only_what_differs_is_changed() -> None:
    item = definition()
    before = designs.fields_of(designs.draft_of(item, BERLIN), RULE, [], BERLIN)
    draft = designs.change(designs.draft_of(item, BERLIN), "points", "80")
    assert designs.changes_of(before, designs.fields_of(draft, RULE, [], BERLIN)) == {"points": 80}


def test_a_copy_has_a_key_and_a_time_box_of_its_own() -> None:
    draft = designs.copy_of(definition(), BERLIN)
    assert (draft["name"], draft["key"], draft["starts_on"]) == ("Five tasks (copy)", "five-tasks-copy", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tier", "wooden"),
        ("icon", "skull"),
        ("repeats", "hour"),
        ("id", "x"),
        ("name", "n" * 501),
        ("is_hidden", "yes"),
    ],
)
def test_a_field_takes_only_what_belongs_there(name: str, value: object) -> None:
    assert designs.change(BLANK, name, value) == BLANK


def test_what_is_no_date_is_left_to_be_refused() -> None:
    draft = designs.change(BLANK, "starts_on", "tomorrow")
    assert designs.fields_of(draft, RULE, [], BERLIN)["starts_at"] == "tomorrow"


def test_a_dry_run_is_told_in_a_sentence() -> None:
    assert designs.told(dry_run()) == "Would unlock for 14 of 120 members in the last 90 days."
    assert designs.told(dry_run(unlocks=20, would_be_provisional=2)) == (
        "Would unlock for 14 of 120 members in the last 90 days, 20 times in all; 2 more would wait for a check."
    )
    assert designs.named(dry_run()) == "Ada Berg, Ben Ito, 12 others"
    assert designs.named(dry_run(would_unlock=2)) == "Ada Berg, Ben Ito"


def test_publishing_says_who_gets_it_at_once() -> None:
    assert designs.consequence(dry_run(is_whole=True)) == (
        "14 members have earned it already and get it at once: Ada Berg, Ben Ito, 12 others."
    )
    assert designs.consequence(dry_run(is_whole=True, would_unlock=0, sample=[])).startswith("Nobody has earned it yet")
    assert designs.consequence(dry_run()).startswith("At least 14 members")


def test_the_preview_is_the_members_card() -> None:
    draft = designs.draft_of(definition(), BERLIN)
    card = designs.preview(draft, RULE)
    assert (card["name"], card["points"], card["progress"], card["icon"]) == (
        "Five tasks",
        "120 points",
        "0 of 5",
        "rocket",
    )
    secret = designs.preview(designs.change(draft, "is_hidden", True), RULE)
    assert (secret["is_silhouette"], secret["name"]) == (True, "Hidden achievement")
