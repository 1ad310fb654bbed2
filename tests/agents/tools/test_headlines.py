"""Headlines compared by their form."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agents.tools.headlines import headline_test
from tests.support.tool_runs import figures, rows, run


async def points(headline: str, phrase: str = "") -> int:
    result = await run(headline_test, headlines=[headline, "Nothing like the other line at all here"], phrase=phrase)
    return int(next(row["score"] for row in rows(result, "ranking") if row["headline"] == headline))


@pytest.mark.parametrize(
    ("headline", "phrase", "score"),
    [
        ("Our shop sells many fine teapots", "", 60),
        ("Teapots", "", 40),
        ("How to choose a teapot for home", "", 70),
        ("7 mistakes that ruin a fine teapot", "", 80),
        ("Is a clay teapot better than glass?", "", 70),
        ("Clay teapot or glass: what lasts", "clay teapot", 85),
        ("What lasts longer, glass or clay teapot", "clay teapot", 80),
        ("Our shop sells many fine mugs", "clay teapot", 45),
        ("Our shop sells amazing fine teapots", "", 50),
        ("Our shop sells many fine teapots!", "", 50),
        ("OUR SHOP SELLS FINE TEAPOTS", "", 50),
        ("You won't believe this one trick for tea", "", 40),
    ],
)
async def test_points_are_the_sum_of_the_features(headline: str, phrase: str, score: int) -> None:
    assert await points(headline, phrase) == score


async def test_the_clearest_comes_in_front_with_its_reasons() -> None:
    result = await run(headline_test, headlines=["Teapots", "How to choose a teapot for home"])

    found = figures(result)
    assert result.ranking == ["How to choose a teapot for home", "Teapots"]
    assert (found["best_score"], found["worst_score"], found["lead"]) == (70, 40, 30)
    assert found["best_reason"] == "a good length; says what the reader gets"
    assert found["worst_reason"] == "too short to say what it is"


async def test_near_copies_are_paired_and_exact_ones_count_a_single_time() -> None:
    result = await run(
        headline_test,
        headlines=[
            "How to brew tea at home",
            "How to brew tea at home!",
            "How to brew tea at home",
            "Wool rugs for winter",
        ],
    )

    found = figures(result)
    assert (found["candidate_count"], found["twin_count"]) == (3, 1)
    assert {found["twin_one"], found["twin_other"]} == {"How to brew tea at home", "How to brew tea at home!"}


async def test_a_headline_too_wide_for_results_is_told() -> None:
    result = await run(headline_test, headlines=["W" * 40 + " wide words here they are", "How to brew tea at home"])

    assert figures(result)["fitting_count"] == 1


async def test_a_lone_headline_names_its_field() -> None:
    with pytest.raises(ValidationError, match="headlines"):
        await run(headline_test, headlines=["Only this"])
