"""House style and tone."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.style import style_check
from tests.support.tool_runs import figures, run, text


async def checks(body: str, **rules: Any) -> list[tuple[str, str]]:
    result = await run(style_check, text=body, **rules)
    return [(item.severity, item.check) for item in result.findings]


async def test_banned_words_count_as_whole_words_whatever_their_case() -> None:
    body = "Cheap tea. Cheaper tea is cheapest. World  class tea."

    assert await checks(body, banned=["cheap", "world class"]) == [("serious", "Banned word")] * 2


async def test_house_words_are_put_in_with_their_capital() -> None:
    result = await run(
        style_check,
        text="Utilize it. We utilize a C++ (old) tool; utilizes stays.",
        preferred=[{"avoid": "utilize", "use": "use"}, {"avoid": "C++ (old)", "use": "new"}],
    )

    assert text(result, "corrected") == "Use it. We use a New tool; utilizes stays."
    assert figures(result)["preferred_count"] == 3


async def test_a_replacement_is_taken_literally() -> None:
    result = await run(style_check, text="Say a word.", preferred=[{"avoid": "word", "use": r"\1 \g<0>"}])

    assert text(result, "corrected") == r"Say a \1 \g<0>."


async def test_contractions_capitals_and_exclamations_are_told_where_rules_say_so() -> None:
    body = "It's here! We don't shout! This is GREATLY wrong."

    assert await checks(body) == [("note", "Capitals"), ("note", "Exclamation")]
    assert await checks(body, has_contractions=False, most_exclamations=5) == [
        ("note", "Contraction"),
        ("note", "Contraction"),
        ("note", "Capitals"),
    ]
    assert await checks("The shop's door is open.", has_contractions=False) == []


@pytest.mark.parametrize(
    ("body", "tone"),
    [
        ("We love this wonderful and great tea.", "positive"),
        ("This is terrible, awful and horrible.", "negative"),
        ("The table stands in the room.", "neutral"),
    ],
)
async def test_the_tone_follows_vader(body: str, tone: str) -> None:
    found = figures(await run(style_check, text=body))

    assert found["tone"] == tone
    assert "missed_tone" not in found
    assert found["harsh_count"] == (tone == "negative")


async def test_a_tone_that_is_not_the_wanted_one_is_a_warning() -> None:
    result = await run(style_check, text="The table stands in the room.", tone="positive")

    assert [(item.severity, item.check) for item in result.findings] == [("warning", "Tone")]
    assert figures(result)["missed_tone"] == "positive"


async def test_a_text_without_words_and_a_rule_without_a_word_are_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="text"):
        await run(style_check, text="...")
    with pytest.raises(ValidationError, match=r"banned\.0"):
        await run(style_check, text="Text.", banned=[""])
