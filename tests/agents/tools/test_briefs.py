"""Content briefs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agents.tools.briefs import content_brief
from tests.support.tool_runs import figures, rows, run, text


def cluster(name: str, volume: int, *more: str, intent: str = "topic") -> dict[str, Any]:
    return {"name": name, "phrases": [name, *more], "volume": volume, "intent": intent}


CLUSTERS = [
    cluster("coffee grinder", 600, "what is a burr grinder"),
    cluster("how to clean it", 300, intent="question"),
    cluster("grinder price", 100),
]


async def test_the_outline_follows_the_clusters() -> None:
    result = await run(content_brief, topic="Choosing a coffee grinder", clusters=CLUSTERS)

    assert result.sections == ["Coffee grinder", "How to clean it?", "Grinder price"]
    found = figures(result)
    assert (found["main_phrase"], found["main_volume"], found["section_count"]) == ("coffee grinder", 600, 3)
    assert (found["covered_volume"], found["covered_share"], found["question_count"]) == (1000, 100, 2)
    # Without a known length: three sections of 180 words, to the nearest fifty.
    assert found["word_target"] == 550
    assert [row["words"] for row in rows(result, "outline")] == [183, 183, 183]


async def test_the_length_is_the_median_of_the_ranking_pages() -> None:
    result = await run(content_brief, topic="Grinders", clusters=CLUSTERS, rival_lengths=[900, 5000, 1220])

    found = figures(result)
    assert (found["word_target"], found["shortest_rival"], found["longest_rival"]) == (1200, 900, 5000)


async def test_clusters_beyond_the_sections_are_left_for_other_texts() -> None:
    many = [cluster(f"subject {number}", 10) for number in range(10)]

    result = await run(content_brief, topic="Subjects", clusters=many)

    found = figures(result)
    assert (found["section_count"], found["left_count"], found["covered_share"]) == (8, 2, 80)


async def test_without_volumes_no_share_is_told() -> None:
    found = figures(await run(content_brief, topic="Subjects", clusters=[cluster("subject", 0)]))

    assert "covered_share" not in found


async def test_text_from_outside_stays_plain_in_the_draft() -> None:
    result = await run(
        content_brief,
        topic="<script>alert(1)</script>",
        clusters=[cluster("[x](javascript:y)", 1)],
        audience="# Head\n\n- item",
    )

    draft = text(result, "brief")
    assert "<script>" not in draft.replace("\\<", "")
    assert r"\[x\](javascript:y)" in draft
    assert "- Reader: \\# Head - item" in draft


async def test_a_brief_without_clusters_or_topic_names_its_field() -> None:
    with pytest.raises(ValidationError, match="clusters"):
        await run(content_brief, topic="Subjects", clusters=[])
    with pytest.raises(ValidationError, match="topic"):
        await run(content_brief, topic="", clusters=CLUSTERS)
