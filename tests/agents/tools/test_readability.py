"""Readability of English texts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.readability import readability
from tests.support.tool_runs import figures, rows, run

PLAIN = "The cat sat on the mat. The dog ran to the door."


async def test_scores_are_those_of_the_formulas_by_hand() -> None:
    found = figures(await run(readability, text="The teacher opened the window. The water boiled over."))

    # 9 words, 2 sentences, 14 syllables, no word of three.
    assert (found["word_count"], found["sentence_count"], found["average_length"]) == (9, 2, 4.5)
    assert found["flesch"] == pytest.approx(206.835 - 1.015 * 4.5 - 84.6 * 14 / 9, abs=0.06)
    assert found["grade"] == pytest.approx(0.39 * 4.5 + 11.8 * 14 / 9 - 15.59, abs=0.06)
    assert found["fog"] == pytest.approx(0.4 * 4.5, abs=0.06)
    assert found["hard_share"] == 0
    assert found["reading_minutes"] == pytest.approx(9 / 238, abs=0.06)
    assert found["few_words"] == 9


async def test_a_text_easier_than_any_grade_is_of_grade_nought() -> None:
    assert figures(await run(readability, text=PLAIN))["grade"] == 0


async def test_long_words_make_a_text_harder() -> None:
    plain = figures(await run(readability, text=PLAIN))
    hard = figures(await run(readability, text="Organizational considerations necessitate comprehensive evaluation."))

    assert hard["flesch"] < plain["flesch"]
    assert hard["grade"] > plain["grade"]
    assert hard["hard_share"] == 100
    assert hard["grade_over"] == pytest.approx(hard["grade"] - 9, abs=0.06)


@pytest.mark.parametrize(
    ("sentence", "mark"),
    [
        ("The report was written by the team today.", "was written"),
        ("Orders are usually delivered within a day or so.", "are usually delivered"),
        ("It has been quickly and widely copied since.", ""),
        ("The bill will be paid at the end of it.", "be paid"),
        ("The team wrote the report and sent it on.", ""),
        ("They were not told about the new plan.", "were not told"),
    ],
)
async def test_the_passive_is_marked_by_its_form(sentence: str, mark: str) -> None:
    result = await run(readability, text=sentence)

    marked = [row["marks"] for row in rows(result, "sentences")]
    assert marked == ([f'passive: "{mark}"'] if mark else [])


async def test_sentences_over_the_limit_are_listed_with_their_length() -> None:
    result = await run(readability, text=f"Short and plain it is. Now {'word ' * 8}end.", longest_sentence=8)

    assert [(row["number"], row["length"], row["marks"]) for row in rows(result, "sentences")] == [(2, 10, "long")]
    assert figures(result)["long_count"] == 1


async def test_headings_do_not_run_into_the_next_sentence() -> None:
    found = figures(await run(readability, text="A heading\n\nThe cat sat on the mat."))

    assert found["sentence_count"] == 2


async def test_a_long_text_carries_no_warning_of_few_words() -> None:
    assert "few_words" not in figures(await run(readability, text=PLAIN * 20))


async def test_a_text_of_hardly_any_words_is_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="text"):
        await run(readability, text="Hello there!")
    with pytest.raises(ValidationError, match="text"):
        await run(readability, text="")
    with pytest.raises(ValidationError, match="target_grade"):
        await run(readability, text=PLAIN, target_grade=30)
