"""How texts are split and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.layout import markdown, one_line
from agents.tools.words import sentences, similarities, telling, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It rains. We stay in.", ["It rains.", "We stay in."]),
        ('He said "Stop!" Then he left.', ['He said "Stop!', "Then he left."]),
        ("Use tools, e.g. hammers. Dr. Jekyll agrees.", ["Use tools, e.g. hammers.", "Dr. Jekyll agrees."]),
        ("It costs 3.50 today. Tomorrow it costs 4.", ["It costs 3.50 today.", "Tomorrow it costs 4."]),
        ("A heading\n\nA text\nover two lines.", ["A heading", "A text over two lines."]),
        ("- Point one\n- Point two", ["- Point one", "- Point two"]),
        ("The answer is no. So do I. J. S. Bach agrees.", ["The answer is no.", "So do I.", "J. S. Bach agrees."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("... !!!", []),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(st.text("aB .!?\n-\"'1", max_size=200))
def test_no_word_is_lost_between_sentences(text: str) -> None:
    assert [word for item in sentences(text) for word in words(item)] == words(text)


def test_telling_words_leave_grammar_out_and_bring_plurals_together() -> None:
    assert telling("The berries and the glasses of their bus") == ["berry", "glasse", "bus"]
    assert telling("glasse shoes shoe") == ["glasse", "shoe", "shoe"]


def test_similarity_is_one_for_the_same_words_and_nought_without_a_common_one() -> None:
    close = similarities(["green tea", "teas, green", "wool rug", "the of"], pairs=False)

    assert close[0, 1] == pytest.approx(1)
    assert close[0, 2] == 0
    assert close[3].max() == 0
    assert similarities(["the", "of"]).max() == 0


def test_lines_from_outside_become_plain() -> None:
    assert one_line("a\n b\x00\u202ec ") == "a b c"
    assert one_line("abcdef", 4) == "abc\N{HORIZONTAL ELLIPSIS}"
    assert markdown("# [x](y) <b> *c*") == r"\# \[x\](y) \<b\> \*c\*"
