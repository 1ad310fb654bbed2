"""The check of numbers: what is bound passes, and nothing else, however it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel import number_guard
from tests.support.showcases import figures

FIGURES = figures()
RENDERED = [figure.rendered for figure in FIGURES]
FILLER = ["the", "team", "worked", "well", "on", "orders", "with", "points", "and", "customers", "(really)", "it", "-"]

NUMERIC_WORDS = sorted(number_guard.WORDS - {"seconds"})
plain = st.integers(0, 10**7).map(str)
grouped = st.integers(1000, 10**9).map(lambda value: f"{value:,}")
decimal = st.decimals(0, 9999, places=2).map(str)
percent = st.integers(0, 999).map(lambda value: f"{value}%")
money = st.builds(lambda sign, value: f"{sign}{value}", st.sampled_from("€$£₹¥"), st.integers(0, 9999))
dated = st.dates().map(str)
clock = st.times().map(lambda value: f"{value:%H:%M}")
endings = st.sampled_from(["k", "x", "th", "-fold"])
suffixed = st.builds(lambda value, end: f"{value}{end}", st.integers(0, 999), endings)
prefixed = st.builds(lambda start, value: f"{start}{value}", st.sampled_from("+-±#~<>"), st.integers(0, 9999))
foreign = st.integers(0, 9999).map(lambda value: str(value).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
wide = st.integers(0, 9999).map(lambda value: "".join(chr(ord(digit) + 0xFEE0) for digit in str(value)))
signs = st.sampled_from(["½", "²", "Ⅻ", "①", "三", "%", "€", "‰"])
hidden = st.builds(
    lambda rendered, sign: rendered[:1] + sign + rendered[1:],
    st.sampled_from(RENDERED),
    st.sampled_from(["\u200b", "\u00a0", "\u2009", "\u00ad", "'", "\u2060", "·"]),
)
written = st.builds(lambda word, make: make(word), st.sampled_from(NUMERIC_WORDS), st.sampled_from([str, str.title]))
any_number = st.one_of(
    plain, grouped, decimal, percent, money, dated, clock, suffixed, prefixed, foreign, wide, signs, hidden, written
)
surroundings = st.lists(st.sampled_from([*FILLER, *RENDERED]), max_size=6)
marks = st.sampled_from(["", ".", ",", "!", ")", "”", "…"])


@settings(max_examples=300, deadline=None)
@given(before=surroundings, number=any_number, mark=marks, after=surroundings)
def test_an_unbound_number_never_passes(before: list[str], number: str, mark: str, after: list[str]) -> None:
    text = " ".join([*before, number + mark, *after])
    if number not in RENDERED:
        assert number_guard.find_faults(text, FIGURES), text


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.sampled_from([*"0123456789 .,%-€+()xk\n\u00a0½", *"12,34%", "a", "e"]), max_size=30))
def test_whatever_passes_holds_no_digit_outside_of_a_rendered_figure(text: str) -> None:
    if number_guard.find_faults(text, FIGURES):
        return
    forms = "|".join(re.escape(rendered) for rendered in sorted(RENDERED, key=len, reverse=True))
    left = re.sub(rf"(?<![\w.,%€+-])(?:{forms})(?![\w%€]|[.,]\w)", "", text)
    assert not any(character.isnumeric() or character in "%€" for character in left), text


@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.tuples(st.sampled_from(RENDERED), st.sampled_from(FILLER[:-2]), marks), max_size=8))
def test_bound_numbers_pass_wherever_they_stand(words: list[tuple[str, str, str]]) -> None:
    text = " ".join(f"{rendered} {filler}{mark}" for rendered, filler, mark in words)
    assert number_guard.find_faults(text, FIGURES) == []


REFUSED = [
    "We won 13 orders.",
    "We won 12 million orders.",
    "Orders: 12 EUR each.",
    "EUR 12 an order.",
    "12 euros an order.",
    "12 percent of orders.",
    "12 % of orders.",
    "12 30 orders.",
    "12 times as many.",
    "minus 12 orders.",
    "\N{MINUS SIGN} 12 orders.",
    "Twice as many orders.",
    "A dozen orders.",
    "Half of them.",
    "Twenty-one orders.",
    "Orders were up 1,234%.",
    "12.0 orders.",
    "1234 points.",
    "1.234 points.",
    "Since 30/12.",
    "Since 30-12.",
    "Tw\u200bo orders.",
    "\N{FULLWIDTH LATIN CAPITAL LETTER T}wo orders.",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_bound_number_in_another_meaning_is_refused(text: str) -> None:
    assert number_guard.find_faults(text, FIGURES)


@pytest.mark.parametrize(
    "text",
    [
        "We won 12 orders.",
        "“12 orders”, they said (in 30 days): 1,234 points!",
        "Points rose by 25%, orders fell by 40%.",
        "Points: 1,234.",
        "12, then 30.",
        "No number at all, nothing to bind.",
    ],
)
def test_a_bound_number_as_rendered_is_taken(text: str) -> None:
    assert number_guard.find_faults(text, FIGURES) == []


@pytest.mark.parametrize("text", ["Points fell by 25%.", "Orders rose by 40%.", "In 30 days, 40% more orders."])
def test_a_rise_must_not_be_called_a_fall_nor_a_fall_a_rise(text: str) -> None:
    (fault,) = number_guard.find_faults(text, FIGURES)
    assert "says otherwise" in fault.reason


def test_a_fault_names_the_number_and_says_why() -> None:
    (fault,) = number_guard.find_faults("We won 13 orders.", FIGURES)
    assert (fault.text, fault.reason) == ("13", '"13" is none of the figures as they are written')


def test_a_number_knows_which_figures_it_can_stand_for() -> None:
    assert number_guard.find_bindings("In 30 days 12 orders, 13 wishes.", FIGURES) == {
        "30": frozenset({"days"}),
        "12": frozenset({"orders"}),
    }


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_a_text_that_is_cut_is_still_the_whole_text(text: str) -> None:
    assert "".join(part for piece in number_guard.cut(text) for part in piece) == text
