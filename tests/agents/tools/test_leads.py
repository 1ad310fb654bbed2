"""Lead scores by points and by what decided leads teach."""

from __future__ import annotations

import random
from typing import Any

import pytest

from agents.tooling import ToolNeedsMore
from agents.tools.leads import CRITERIA, lead_scores
from tests.support.tool_runs import rows, run, told


def test_the_points_add_up_to_a_hundred() -> None:
    assert sum(item.points for item in CRITERIA.values()) == 100


async def test_without_outcomes_a_lead_gets_its_points() -> None:
    result = await run(
        lead_scores,
        leads=[
            {
                "name": "Full",
                "employees": 500,
                "visits": 20,
                "opened_mails": 9,
                "asked_for_demo": True,
                "is_decider": True,
            },
            {"name": "Part", "employees": 100, "visits": 5, "days_silent": 15},
            {"name": "Cold", "days_silent": 90},
        ],
    )
    # Part: 15 * 0.5 + 10 * 0.5 + 15 * 0.5 = 20.
    assert [(row["lead"], row["score"]) for row in rows(result, "ranking")] == [
        ("Full", 100),
        ("Part", 20),
        ("Cold", 0),
    ]
    found = told(result)
    assert (found["method"], found["hot_count"], found["top_lead"]) == ("table of points", 1, "Full")
    assert "discrimination" not in found


def decided(seed: int, number: int = 120) -> list[dict[str, Any]]:
    """Leads of which those who open mails buy, mostly; a demo says nothing here."""
    draw = random.Random(seed)
    leads = []
    for n in range(number):
        mails = draw.randint(0, 5)
        leads.append(
            {
                "name": f"L{n}",
                "opened_mails": mails,
                "asked_for_demo": draw.random() < 0.5,
                "won": draw.random() < (0.9 if mails >= 3 else 0.1),
            }
        )
    return leads


async def test_with_enough_outcomes_it_learns_what_counts_here() -> None:
    leads = [*decided(3), {"name": "Reader", "opened_mails": 5}, {"name": "Demo", "asked_for_demo": True}]
    result = await run(lead_scores, leads=leads)
    found = told(result)
    assert found["method"] == "weights learnt from decided leads"
    assert (found["top_lead"], found["strongest_sign"]) == ("Reader", "Mails opened")
    assert found["top_score"] > 75
    assert found["next_score"] < 25
    assert 75 < found["discrimination"] < 92  # to know the chances themselves would give 90
    assert result == await run(lead_scores, leads=leads)


async def test_chance_outcomes_are_told_as_such() -> None:
    draw = random.Random(5)
    leads = [{**lead, "won": draw.random() < 0.5} for lead in decided(4)]
    found = told(await run(lead_scores, leads=[*leads, {"name": "New"}]))
    assert found["discrimination"] < 65


async def test_too_few_of_one_outcome_keep_the_table_of_points() -> None:
    leads = [{"name": f"L{n}", "won": n < 9} for n in range(60)]
    assert told(await run(lead_scores, leads=[*leads, {"name": "New"}]))["method"] == "table of points"


async def test_leads_that_are_all_decided_are_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="leads: all of them are decided"):
        await run(lead_scores, leads=[{"name": "A", "won": True}])
