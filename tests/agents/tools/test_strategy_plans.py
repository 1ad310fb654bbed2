"""Goals, campaign plans and competitors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from agents.tooling import ToolContext, ToolNeedsMore
from agents.tools.campaign_plans import campaign_plan_review
from agents.tools.competitors import competitor_watch
from agents.tools.goals import goal_proposal, look_ahead, whole_weeks
from agents.tools.series import Observation
from bizosaas_app.kernel.clock import utc_now
from tests.support.boards import MIA, NOAH, Arena, ago, arena
from tests.support.tool_runs import figures, run

__all__ = ["arena"]

ADMIN = "admin@acme.example"
START = date(2026, 1, 5)
SUMS = [70.0, 84.0, 77.0, 98.0, 91.0, 112.0, 105.0, 119.0]


def days(sums: list[float], extra: int = 0) -> list[dict[str, Any]]:
    """Give a day's seventh of each week's sum, after some days that make no whole week."""
    values = [1.0] * extra + [total / 7 for total in sums for _ in range(7)]
    return [{"day": (START + timedelta(days=n)).isoformat(), "value": value} for n, value in enumerate(values)]


def test_weeks_end_with_the_last_day() -> None:
    observed = [Observation.model_validate(item) for item in days([70, 84], extra=3)]
    weeks = whole_weeks(observed)
    assert [start for start, _ in weeks] == [date(2026, 1, 8), date(2026, 1, 15)]
    assert [total for _, total in weeks] == pytest.approx([70, 84])


def test_a_week_ahead_has_the_band_of_ordinary_least_squares() -> None:
    fit = sm.OLS(SUMS, sm.add_constant(np.arange(8.0))).fit()
    low, high = fit.get_prediction(np.array([[1.0, 8.0]])).conf_int(obs=True, alpha=0.2)[0]
    outlook = look_ahead(SUMS, 1)
    assert (outlook.low, outlook.high) == pytest.approx((low, high))
    assert outlook.slope == pytest.approx(fit.params[1])
    assert outlook.chance == pytest.approx(fit.pvalues[1])


def test_the_band_of_several_weeks_counts_the_line_and_each_weeks_own_noise() -> None:
    # By the sum's own variance: s^2 * (k + x'(X'X)^-1 x) with x the sum of the rows ahead.
    fit = sm.OLS(SUMS, sm.add_constant(np.arange(8.0))).fit()
    ahead = np.array([[1.0, 8.0], [1.0, 9.0], [1.0, 10.0]]).sum(axis=0)
    deviation = np.sqrt(fit.scale * 3 + ahead @ fit.cov_params() @ ahead)
    outlook = look_ahead(SUMS, 3)
    assert outlook.expected == pytest.approx(float(ahead @ fit.params))
    assert outlook.high - outlook.expected == pytest.approx(stats.t.ppf(0.9, 6) * deviation)


@given(st.lists(st.integers(0, 500), min_size=6, max_size=30), st.integers(1, 13))
def test_goals_are_in_order_and_never_below_zero(sums: list[int], weeks: int) -> None:
    outlook = look_ahead([float(total) for total in sums], weeks)
    assert 0 <= outlook.low <= outlook.expected <= outlook.high


async def test_goals_follow_from_a_given_series() -> None:
    result = await run(goal_proposal, series=days(SUMS), weeks_ahead=2)
    found = figures(result)
    fit = np.polyfit(np.arange(8.0), SUMS, 1)
    expected = np.polyval(fit, 8) + np.polyval(fit, 9)
    assert result.reach == round(expected)
    assert found["recent_total"] == 224
    assert found["goal_change"] == pytest.approx((expected / 224 - 1) * 100, abs=0.06)
    assert (found["best_week"], found["best_week_total"]) == ("2026-02-23", 119)


async def test_a_few_weeks_give_no_goal_but_say_what_lacks() -> None:
    result = await run(goal_proposal, series=days([0, 0, 0, 0, 5, 5, 5]))
    found = figures(result)
    assert result.reach is None
    assert (found["weeks_read"], found["active_weeks"], found["needed_weeks"]) == (7, 3, 6)
    assert "goals" not in result.parts


async def test_the_goal_is_read_from_the_ledger_of_the_actors_own_company(arena: Arena) -> None:
    for week in range(8):
        for _ in range(week + 2):
            await arena.score(MIA, 1, occurred_at=ago(days=7 * week + 2))
    await arena.score(NOAH, 1, occurred_at=ago(days=3))
    actor = await arena.world.actor(ADMIN)
    context = ToolContext(actor=actor, now=utc_now(), timezone="UTC", currency="EUR")
    arguments = goal_proposal.args.model_validate({"days": 57, "weeks_ahead": 2})
    result = await goal_proposal(context, arguments)
    found = figures(result)
    assert (result.source, found["weeks_read"], found["active_weeks"]) == ("ledger", 8, 8)
    assert found["recent_total"] == 2 + 3 + 1  # the latest weeks of both members
    assert found["trend_per_week"] < 0


def campaign(name: str, first: str, last: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "starts_on": f"2026-{first}", "ends_on": f"2026-{last}", "audience": "shops"} | more


async def test_overlaps_load_and_gaps_of_a_calendar() -> None:
    campaigns = [
        campaign("A", "03-02", "03-15", hours_per_week=20),
        campaign("B", "03-09", "03-22", hours_per_week=25),
        campaign("C", "03-09", "03-15", audience="makers", hours_per_week=5),
        campaign("D", "04-20", "04-26"),
    ]
    found = figures(await run(campaign_plan_review, campaigns=campaigns, capacity_hours=40))
    assert (found["overlap_count"], found["overlap_one"], found["overlap_other"], found["overlap_days"]) == (
        1,
        "A",
        "B",
        7,
    )
    assert (found["peak_week"], found["peak_hours"], found["peak_over"]) == ("2026-03-09", 50, 10)
    assert found["full_weeks"] == 1
    assert (found["longest_gap"], found["gap_from"]) == (28, "2026-03-23")
    assert found["mean_hours"] == 11.9  # (20 + 50 + 25) / 8 weeks


async def test_a_campaign_for_everybody_meets_every_audience() -> None:
    campaigns = [campaign("A", "03-02", "03-08"), campaign("B", "03-08", "03-09", audience="everybody")]
    found = figures(await run(campaign_plan_review, campaigns=campaigns))
    assert (found["overlap_days"], found["overlap_audience"]) == (1, "shops")
    assert "full_weeks" not in found


@pytest.mark.parametrize(
    ("campaigns", "says"),
    [
        ([campaign("A", "03-09", "03-02")], "before starts_on"),
        ([campaign("A", "03-02", "03-09")] * 2, "more than once"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(campaigns: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        campaign_plan_review.args.model_validate({"campaigns": campaigns})


def seen(competitor: str, day: str, **more: Any) -> dict[str, Any]:
    return {"competitor": competitor, "seen_on": f"2026-{day}"} | more


async def test_what_changed_between_two_looks() -> None:
    observations = [
        seen("A", "06-01", price="80.00", features=["x", "z"], voice=25),
        seen("A", "04-01", price="100.00", features=["x", "y"], voice=20),
        seen("B", "04-01", price="50.00", voice=30),
        seen("B", "06-01", price="50.20", voice=29),
        seen("C", "06-01", price="70.00"),
    ]
    result = await run(competitor_watch, observations=observations, our_price="60.00")
    found = figures(result)
    assert (found["price_mover"], found["price_change"], found["price_now"]) == ("A", -20, "80.00")
    assert (found["price_cuts"], found["price_rises"], found["changed_count"]) == (1, 0, 1)
    assert (found["feature_leader"], found["newest_feature"], found["new_features"]) == ("A", "z", 1)
    assert (found["voice_mover"], found["voice_gain"]) == ("A", 5)
    assert "voice_loser" not in found  # a point is within the noise
    assert (found["cheapest"], found["cheaper_count"], found["seen_once_count"]) == ("B", 1, 1)
    assert found["our_gap"] == -10.1  # 60 against (80 + 50.2 + 70) / 3
    assert result.changes[0].removed == ["y"]


async def test_a_day_to_compare_with_can_be_chosen() -> None:
    observations = [seen("A", "04-01", price="100"), seen("A", "05-01", price="90"), seen("A", "06-01", price="99")]
    result = await run(competitor_watch, observations=observations, since="2026-05-15")
    assert figures(result)["price_change"] == 10


async def test_what_was_not_looked_at_is_no_change() -> None:
    observations = [seen("A", "04-01", features=["x"]), seen("A", "06-01", price="9")]
    result = await run(competitor_watch, observations=observations)
    assert figures(result)["changed_count"] == 0
    assert (result.changes[0].added, result.changes[0].removed) == ([], [])


async def test_a_single_look_is_no_comparison() -> None:
    with pytest.raises(ToolNeedsMore, match="single day"):
        await run(competitor_watch, observations=[seen("A", "04-01", price="1"), seen("B", "04-01", price="2")])
