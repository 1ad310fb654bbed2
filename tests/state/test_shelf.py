"""Achievements as their page draws them: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.achievements import AchievementView, SummaryView
from state import shelf

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def achievement(key: str = "ten-tasks", percent: int = 0, **fields: Any) -> AchievementView:
    known = {
        "id": uuid4(),
        "key": key,
        "name": key.title(),
        "description": "Complete ten tasks",
        "category": "onboarding",
        "tier": "bronze",
        "points": 10,
        "icon": "award",
        "is_hidden": False,
        "is_custom": False,
        "repeats": "never",
        "trigger": {"event": "task.completed"},
        "progress": {"current": percent / 10, "target": 10, "percent": percent},
        "status": "in_progress" if percent else "locked",
        "unlocked_at": None,
        "revoked_at": None,
        "times_unlocked": 0,
        "rarity_percent": None,
        "next_action": "Complete more tasks",
        "waits_for": [],
        "starts_at": None,
        "ends_at": None,
    }
    return AchievementView.model_validate({**known, **fields})


def test_what_is_won_stands_first_and_then_what_is_nearest() -> None:
    found = shelf.rows(
        [
            achievement("far", 10),
            achievement("locked"),
            achievement("won", 100, status="unlocked", unlocked_at=NOW, times_unlocked=1),
            achievement("near", 90),
        ]
    )
    assert [row["name"] for row in found] == ["Won", "Near", "Far", "Locked"]
    assert [row["next_action"] for row in found][:2] == ["", "Complete more tasks."]
    assert found[0]["unlocked_at"] == "2026-11-24T12:00:00+00:00"
    assert found[1]["progress"] == "9 of 10"


def test_a_silhouette_tells_nothing() -> None:
    (row,) = shelf.rows(
        [achievement("hidden", is_hidden=True, trigger=None, description="", next_action="", name="Hidden")]
    )
    assert (row["is_silhouette"], row["progress"], row["next_action"]) == (True, "", "")
    (known,) = shelf.rows([achievement("secret", 100, is_hidden=True, status="unlocked", times_unlocked=1)])
    assert (known["is_silhouette"], known["name"]) == (False, "Secret")


def test_what_waits_for_another_names_it_and_what_is_won_often_counts_it() -> None:
    often, waiting, again = shelf.rows(
        [
            achievement("waiting", waits_for=["often", "secret"]),
            achievement("often", 50, times_unlocked=3),
            achievement("again", times_unlocked=1),
        ]
    )
    assert waiting["next_action"] == "First unlock Often and another one."
    assert often["status_label"] == "In progress, unlocked 3 times"
    assert again["status_label"] == "Open again, unlocked 1 time"


@pytest.mark.parametrize(
    ("percent", "words"), [(None, ""), (0, "Nobody has it yet"), (12.345, "12.3% of members have it")]
)
def test_rarity_is_told_in_words(percent: float | None, words: str) -> None:
    assert shelf.rows([achievement(rarity_percent=percent)])[0]["rarity"] == words


def test_a_filter_lets_through_what_it_names() -> None:
    found = shelf.rows([achievement("a", 10), achievement("b", category="social"), achievement("c", 20)])
    assert [choice["label"] for choice in shelf.categories(found)] == ["All categories", "Getting started", "Social"]
    assert [row["name"] for row in shelf.choose(found, "any", "any")] == ["C", "A", "B"]
    assert [row["name"] for row in shelf.choose(found, "onboarding", "any")] == ["C", "A"]
    assert [row["name"] for row in shelf.choose(found, "any", "locked")] == ["B"]
    assert shelf.choose(found, "social", "in_progress") == []


def test_the_figures_say_what_is_near_or_being_checked() -> None:
    near = shelf.rows([achievement("a", 10), achievement("b")])
    assert shelf.stats(SummaryView(total=2, unlocked=0, provisional=0, points=0), near)[0]["change"] == (
        "1 more in progress"
    )
    won, points = shelf.stats(SummaryView(total=50, unlocked=4, provisional=2, points=120), near)
    assert (won["value"], won["unit"], won["change"]) == ("4", "of 50", "2 more are being checked")
    assert points["value"] == "120"


def test_cards_stand_by_category_with_how_many_are_won() -> None:
    everything = shelf.rows(
        [
            achievement("own", category="club"),
            achievement("post", 10, category="social"),
            achievement("start", 100, status="unlocked", times_unlocked=1),
            achievement("next"),
        ]
    )
    found = shelf.by_category(everything, everything)
    assert [(item["label"], item["won"], len(item["cards"])) for item in found] == [
        ("Getting started", "1 of 2", 2),
        ("Social", "0 of 1", 1),
        ("Club", "0 of 1", 1),
    ]
    locked = shelf.by_category(shelf.choose(everything, "onboarding", "locked"), everything)
    assert [(item["won"], len(item["cards"])) for item in locked] == [("1 of 2", 1)]


def test_the_next_action_leads_to_the_page_where_it_is_done() -> None:
    referral = {"event": "referral.approved", "aggregate": "count", "threshold": 5}
    (row,) = shelf.rows([achievement("a", 20, trigger=referral)])
    assert (row["next_path"], row["next_label"]) == ("/portal/referrals", "Share your link")
    (nested,) = shelf.rows([achievement("a", trigger={"all_of": [{"event": "lead.won"}, referral]})])
    assert nested["next_path"] == "/portal/referrals"
    (waiting,) = shelf.rows([achievement("a", trigger=referral, waits_for=["b"])])
    (won,) = shelf.rows([achievement("a", 100, trigger=referral, status="unlocked", times_unlocked=1)])
    (other,) = shelf.rows([achievement("a", trigger={"event": "order.completed"})])
    assert [row["next_path"] for row in (waiting, won, other)] == ["", "", ""]
