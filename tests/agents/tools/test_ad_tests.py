"""Significance of variants of an advertisement."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.ad_tests import ad_variant_test
from tests.support.tool_runs import call, figure

NORMAL = NormalDist()


def compare(*variants: tuple[int, int], **more: Any) -> Any:
    rows = [{"name": f"V{n}", "shown": shown, "successes": done} for n, (shown, done) in enumerate(variants)]
    return call(ad_variant_test, variants=rows, **more)


def test_the_chance_is_that_of_the_pooled_z_test() -> None:
    pooled = 460 / 10_000
    z = (0.052 - 0.040) / math.sqrt(pooled * (1 - pooled) * 2 / 5000)
    result = compare((5000, 200), (5000, 260))
    assert result.against[0].p_value == pytest.approx(2 * (1 - NORMAL.cdf(z)))
    assert figure(result, "winner") == "V1"
    assert figure(result, "lift") == 30


def wilson(done: int, shown: int) -> tuple[float, float]:
    p, z = done / shown, NORMAL.inv_cdf(0.975)
    centre = (p + z * z / (2 * shown)) / (1 + z * z / shown)
    reach = z * math.sqrt(p * (1 - p) / shown + z * z / (4 * shown * shown)) / (1 + z * z / shown)
    return centre - reach, centre + reach


def test_the_interval_of_the_difference_is_newcombes() -> None:
    (low1, high1), (low2, high2) = wilson(260, 5000), wilson(200, 5000)
    below = math.sqrt((0.052 - low1) ** 2 + (high2 - 0.040) ** 2)
    above = math.sqrt((high1 - 0.052) ** 2 + (0.040 - low2) ** 2)
    result = compare((5000, 200), (5000, 260)).against[0]
    assert result.low == pytest.approx(100 * (0.012 - below))
    assert result.high == pytest.approx(100 * (0.012 + above))


def test_several_variants_are_held_to_holms_stricter_measure() -> None:
    alone = compare((2000, 100), (2000, 130)).against[0].p_value
    among = compare((2000, 100), (2000, 130), (2000, 101), (2000, 99)).against[0].p_value
    assert among == pytest.approx(3 * alone)


def test_holms_measure_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    from agents.tools.ad_tests import _holm

    for values in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.2], []):
        assert _holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]) if values else [])


def test_without_a_winner_the_lacking_sample_is_told() -> None:
    result = compare((1000, 40), (1000, 48))
    effect = 2 * (math.asin(math.sqrt(0.048)) - math.asin(math.sqrt(0.040)))
    needed = 2 * ((NORMAL.inv_cdf(0.975) + NORMAL.inv_cdf(0.8)) / effect) ** 2
    assert figure(result, "winner") is None
    assert figure(result, "needed_each") == math.ceil(needed)
    assert figure(result, "more_each") == math.ceil(needed) - 1000


def test_when_even_the_best_is_surely_worse_the_control_stays() -> None:
    result = compare((5000, 300), (5000, 200), (5000, 150))
    assert figure(result, "loser") == "V1"
    assert figure(result, "drop") == 33.3


def test_equal_rates_need_no_further_sample() -> None:
    result = compare((1000, 40), (1000, 40))
    assert figure(result, "winner") is figure(result, "loser") is figure(result, "needed_each") is None


def test_groups_that_are_too_uneven_are_named_unless_that_was_the_plan() -> None:
    assert figure(compare((5000, 200), (4400, 260)), "uneven_groups") == "V1"
    assert figure(compare((5000, 200), (4400, 260), is_split_even=False), "uneven_groups") is None
    assert figure(compare((5000, 200), (4950, 260)), "uneven_groups") is None


@pytest.mark.parametrize("rates", [((100, 0), (100, 0)), ((100, 100), (100, 100))])
def test_where_nothing_or_everything_succeeds_there_is_no_chance_to_tell(rates: Any) -> None:
    result = compare(*rates)
    assert figure(result, "p_value") is None
    assert figure(result, "thin_variant") == "V0"


def test_more_successes_than_shown_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"variants\.0\n.*successes"):
        compare((5, 6), (5, 1))


shown_and_done = st.integers(10, 20_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(max_examples=60)
@given(shown_and_done, shown_and_done)
def test_changing_the_sides_turns_the_difference_and_keeps_the_chance(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    there, back = compare(one, other).against[0], compare(other, one).against[0]
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high, abs=1e-9)
    assert there.p_value == (None if back.p_value is None else pytest.approx(back.p_value))
    assert there.low <= there.difference + 1e-9
    assert there.difference <= there.high + 1e-9
