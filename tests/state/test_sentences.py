"""A draft from a sentence: pure."""

from __future__ import annotations

from state import sentences


def test_a_sentence_becomes_a_rule_with_a_name_and_a_category() -> None:
    found = sentences.read("win 5 leads within a week.")
    assert found.rule == {"event": "lead.won", "aggregate": "count", "threshold": 5, "window": "week"}
    assert (found.name, found.category, found.told) == (
        "Win 5 leads within a week",
        "campaigns",
        "Drafted. Check the rule below.",
    )


def test_what_is_not_understood_is_named() -> None:
    assert sentences.read("win 5 leads on Mars").told == "I did not understand: mars."
    nothing = sentences.read("dance")
    assert nothing.rule is None
    assert nothing.told.startswith("I did not understand: dance. Say how often")
