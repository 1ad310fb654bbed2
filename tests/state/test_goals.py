"""Next goals: what is said of each, and where its link leads."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.achievements import AchievementView, ProgressView
from state import goals
from state.ways import way_to


def goal(trigger: dict[str, Any] | None, **fields: Any) -> AchievementView:
    return AchievementView(
        **{
            "id": uuid4(),
            "key": "a",
            "name": "Rainmaker",
            "description": "Bring people",
            "category": "referrals",
            "tier": "gold",
            "points": 1,
            "icon": "",
            "is_hidden": False,
            "is_custom": False,
            "repeats": "never",
            "trigger": trigger,
            "progress": ProgressView(current=3, target=1200, percent=1),
            "status": "in_progress",
            "unlocked_at": None,
            "revoked_at": None,
            "times_unlocked": 0,
            "rarity_percent": None,
            "next_action": "Get 2 more referrals approved",
            "waits_for": [],
            "starts_at": None,
            "ends_at": None,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("trigger", "path"),
    [
        ({"event": "referral.approved"}, "/portal/referrals"),
        (
            {"all_of": [{"event": "order.completed"}, {"any_of": [{"event": "leaderboard.podium"}]}]},
            "/portal/leaderboard",
        ),
        ({"event": "campaign.sent"}, "/portal/agents"),
        ({"event": "*"}, "/portal/achievements"),
        (None, "/portal/achievements"),
    ],
)
def test_a_goal_leads_to_where_it_is_done(trigger: dict[str, Any] | None, path: str) -> None:
    row = goals.rows([goal(trigger)])[0]
    assert row["path"] == path
    assert (way_to(trigger)[0] or "/portal/achievements") == path
    assert (row["progress"], row["points"], row["action"]) == (
        "3 of 1,200",
        "1 point",
        "Get 2 more referrals approved.",
    )
