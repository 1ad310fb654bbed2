"""The copies of secrets: bounded, and those that are asked for stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.kernel.secrets.copies import Copies


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    copies = Copies(most=2)
    copies.keep("one", "1")
    copies.keep("two", "2")
    assert copies.give("one") == "1"
    copies.keep("three", "3")
    assert ("one" in copies, "two" in copies, "three" in copies) == (True, False, True)
    with pytest.raises(KeyError):
        copies.give("two")


def test_a_text_that_is_longer_than_all_may_be_is_not_kept() -> None:
    copies = Copies(most_characters=10)
    copies.keep("long", "x" * 11)
    copies.keep("short", "x" * 10)
    assert ("long" in copies, copies.give("short")) == (False, "x" * 10)


def test_a_text_that_was_not_given_for_a_day_in_which_others_were_is_forgotten() -> None:
    hours = 0
    copies = Copies(now=lambda: hours * 3600.0)
    for name in ("deleted elsewhere", "asked for", "confirmed"):
        copies.keep(name, name)
    hours = 20
    copies.keep("confirmed", "confirmed")
    assert copies.give("asked for") == "asked for"
    hours = 24
    copies.keep("new", "new")
    assert len(copies) == 4
    hours = 25
    copies.keep("new", "new")
    assert [name for name in ("deleted elsewhere", "asked for", "confirmed", "new") if name in copies] == [
        "confirmed",
        "new",
    ]
    with pytest.raises(KeyError):
        copies.give("asked for")


def test_while_nothing_is_given_what_is_known_lives_on() -> None:
    hours = 0
    copies = Copies(now=lambda: hours * 3600.0)
    copies.keep("one", "1")
    hours = 1000
    assert copies.give("one") == "1"
    with copies.asking("two") as question:
        copies.learn(question, None)
    assert "one" not in copies


def test_an_answer_that_a_change_overtook_is_not_learnt() -> None:
    copies = Copies()
    for change, expected in ((copies.forget, None), (lambda name: write(copies, name, "new"), "new")):
        for answer in ("old", None):
            with copies.asking("name") as question:
                change("name")
                copies.learn(question, answer)
            assert (copies.give("name") if "name" in copies else None) == expected


def test_of_two_writes_at_once_nobody_knows_which_was_the_last() -> None:
    copies = Copies()
    with copies.asking("name") as one:
        write(copies, "name", "other")
        copies.replace(one, "one")
    assert "name" not in copies


def write(copies: Copies, name: str, text: str) -> None:
    with copies.asking(name) as question:
        copies.replace(question, text)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.text(max_size=8), st.booleans())))
def test_whatever_is_kept_and_dropped_the_bounds_hold_and_the_latest_text_is_given(
    acts: list[tuple[str, str, bool]],
) -> None:
    copies, latest = Copies(most=3, most_characters=12), dict[str, str]()
    for name, text, is_kept in acts:
        if is_kept:
            copies.keep(name, text)
            latest[name] = text
        else:
            copies.drop(name)
            latest.pop(name, None)
        held = {name: copies.give(name) for name in "abcdef" if name in copies}
        assert len(held) == len(copies) <= 3
        assert sum(map(len, held.values())) <= 12
        assert held.items() <= latest.items()
    copies.clear()
    assert len(copies) == 0
