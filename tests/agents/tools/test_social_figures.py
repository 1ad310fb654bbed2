"""Hashtags, times, engagement and the mix of themes: figures that were worked out by hand."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from agents.tooling import ToolNeedsMore
from agents.tools.content_mix import content_mix_check, fill_up
from agents.tools.engagement import engagement_by_group
from agents.tools.hashtags import hashtag_advice
from agents.tools.posting_times import noise_over_signal, send_time_plan
from tests.support.tool_runs import NOBODY, figures, rendered, run

BOX = "How we test recycled boxes #RecycledBoxes"
COFFEE = "Coffee first #MondayMood"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def post(impressions: int, engagements: int, *, days: int = 0, hours: int = 0, **more: Any) -> dict[str, Any]:
    at = MONDAY + timedelta(days=days, hours=hours)
    given = {"network": "linkedin", "published_at": at, "impressions": impressions, "engagements": engagements}
    return given | more


async def test_a_tag_is_ranked_by_likeness_and_by_reach_drawn_towards_the_mean() -> None:
    posts = [post(3000, 50, text=BOX, days=n) for n in range(4)] + [
        post(1000, 9, text=COFFEE, days=n) for n in range(4)
    ]
    result = await run(hashtag_advice, draft="Testing recycled boxes for parcels", posts=posts)
    found = figures(result)
    # The mean of all is 2000: (4 * 3000 + 4 * 2000) / 8 is 2500, and (4 * 1000 + 4 * 2000) / 8 is 1500.
    assert (found["best_tag"], found["best_reach"]) == ("#RecycledBoxes", 125)
    assert (found["weak_tag"], found["weak_reach"]) == ("#MondayMood", 75)
    assert [item.tag for item in result.suggested] == ["#RecycledBoxes"]
    assert result.parts["post"].text.endswith("#RecycledBoxes")


async def test_tags_that_were_used_together_are_near_each_other() -> None:
    posts = [post(1000, 9, text="Look #Fair #Boxes", days=n) for n in range(3)]
    result = await run(hashtag_advice, draft="We are there again #Fair", posts=posts)
    relevance = {item.tag: item.relevance for item in result.suggested}
    assert relevance["#Boxes"] == 1
    assert result.parts["post"].text.count("#Fair") == 1


async def test_posts_without_hashtags_give_no_advice() -> None:
    result = await run(hashtag_advice, draft="the and of", posts=[post(10, 1, text="plain")])
    assert figures(result)["tags_known"] == 0
    assert result.suggested == []


def test_credibility_is_that_of_the_textbook() -> None:
    # Three groups of three: within variance is 1, the means 10, 12, 14 give (3*4 + 3*4 - 2*1) / (9 - 27/9) = 11/3.
    groups = {(0, 0): [9.0, 10.0, 11.0], (1, 0): [11.0, 12.0, 13.0], (2, 0): [13.0, 14.0, 15.0]}
    assert noise_over_signal(groups) == pytest.approx(1 / (11 / 3))


def test_groups_that_do_not_differ_have_no_credibility() -> None:
    assert noise_over_signal({(0, 0): [1.0, 3.0], (1, 0): [1.0, 3.0]}) is None
    assert noise_over_signal({(0, 0): [1.0], (1, 0): [9.0]}) is None


async def test_the_best_hour_is_in_the_companys_time_zone() -> None:
    good = [post(1000, 80 + n, days=7 * n + 1, hours=-1) for n in range(5)]  # Tuesdays at nine, UTC
    other = [post(1000, 20 + n, days=7 * n + 3) for n in range(5)]
    found = figures(await run(send_time_plan, replace(NOBODY, timezone="UTC"), posts=good + other))
    assert (found["best_day"], found["best_hour"], found["best_posts"]) == ("Tuesday", "09:00", 5)
    far = figures(await run(send_time_plan, replace(NOBODY, timezone="Asia/Tokyo"), posts=good + other))
    assert (far["best_day"], far["best_hour"]) == ("Tuesday", "18:00")


async def test_a_slot_is_drawn_towards_the_average_of_all() -> None:
    posts = [post(1000, rate, days=day) for day, rates in enumerate(((90, 60), (30, 10), (28, 40))) for rate in rates]
    result = await run(send_time_plan, posts=posts)
    overall = statistics.mean([90, 60, 30, 10, 28, 40]) / 1000
    best = result.best[0]
    assert overall < best.rate < best.raw


async def test_when_no_time_differs_none_is_named() -> None:
    posts = [post(1000, rate, days=day) for day in range(5) for rate in (20, 40)]
    found = figures(await run(send_time_plan, posts=posts))
    assert found["evidence"] == 0
    assert "best_day" not in found


async def test_an_interval_of_a_rate_is_cochrans() -> None:
    posts = [post(100, 5, format="image"), post(200, 6, format="image"), post(300, 19, format="image")]
    result = await run(engagement_by_group, posts=posts)
    # rate 30/600; residuals 0, -4, 4: s2 = 32/2 = 16, error = sqrt(16/3)/200, t(2) = 4.302653
    reach = 4.302653 * (16 / 3) ** 0.5 / 200
    row = result.parts["groups"].rows[0]
    assert row["rate"] == 5
    assert row["high"] == pytest.approx((0.05 + reach) * 100, abs=0.01)
    assert row["low"] == pytest.approx((0.05 - reach) * 100, abs=0.01)


async def test_formats_that_differ_are_told_from_luck() -> None:
    posts = [post(1000, 60 + n, format="carousel") for n in range(6)] + [
        post(1000, 20 + n, format="text") for n in range(6)
    ]
    result = await run(engagement_by_group, posts=posts)
    found = figures(result)
    assert (found["best_group"], found["worst_group"]) == ("carousel", "text")
    assert found["best_over_worst"] == 2.8  # 375 engagements over 135
    chance = stats.kruskal([60 + n for n in range(6)], [20 + n for n in range(6)]).pvalue
    assert found["chance"] == pytest.approx(chance * 100, abs=0.05)


async def test_a_tiny_probability_is_not_called_none() -> None:
    posts = [post(1000, 60 + n, format="a") for n in range(12)] + [post(1000, 20 + n, format="b") for n in range(12)]
    assert rendered(await run(engagement_by_group, posts=posts))["chance"] == "less\u00a0than\u00a00.1%"


async def test_a_group_of_few_posts_is_not_called_the_best() -> None:
    posts = [post(1000, 900, format="lucky")] + [post(1000, 20 + n, format="text") for n in range(4)]
    found = figures(await run(engagement_by_group, posts=posts))
    assert (found["best_group"], found["thin_groups"]) == ("text", 1)


def test_swapped_columns_are_refused() -> None:
    with pytest.raises(ValidationError, match="may be swapped"):
        engagement_by_group.args.model_validate({"posts": [post(3, 4000)]})


async def test_the_mix_is_tested_by_chi_square() -> None:
    posts = [post(100, 2, theme="a")] * 30 + [post(100, 6, theme="b")] * 10 + [post(100, 1, theme="x")] * 2
    found = figures(await run(content_mix_check, posts=posts, target={"a": 50, "b": 50}, next_posts=20))
    assert found["chance"] == pytest.approx(stats.chi2.sf(10, 1) * 100, abs=0.05)  # (10^2 + 10^2) / 20
    assert (found["over_theme"], found["over_share"], found["posts_outside"]) == ("a", 75, 2)
    assert (found["next_theme"], found["next_theme_count"]) == ("b", 20)
    assert (found["best_theme"], found["best_theme_rate"]) == ("b", 6)


@given(st.lists(st.integers(0, 40), min_size=3, max_size=3), st.integers(1, 60))
def test_the_next_posts_are_all_given_out_and_bring_the_mix_nearer(seen: list[int], number: int) -> None:
    target = {"a": 50.0, "b": 30.0, "c": 20.0}
    before = Counter(dict(zip(target, seen, strict=True)))
    plan = fill_up(before, target, number)
    assert sum(plan.values()) == number
    after = {name: before[name] + plan[name] for name in target}
    total = sum(after.values())
    for name, share in target.items():
        assert plan[name] == 0 or after[name] <= share / 100 * total + 1


async def test_a_mix_without_themes_says_what_lacks() -> None:
    with pytest.raises(ToolNeedsMore, match="theme"):
        await run(content_mix_check, posts=[post(1, 1)], target={"a": 50, "b": 50})


def test_shares_that_do_not_make_a_hundred_are_refused() -> None:
    with pytest.raises(ValidationError, match="100 together"):
        content_mix_check.args.model_validate({"posts": [post(1, 1)], "target": {"a": 50, "b": 20}})
