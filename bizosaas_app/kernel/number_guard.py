"""The number guard: each number in a text must be one of the figures, exactly as rendered. Pure, strict on purpose.

A word that holds a digit, a sign of currency or percent, or the name of a number counts as a number, however it is
written. It passes only as the rendered form of a figure. What would give a bound number another meaning is refused
too: a unit beside it, a second number side by side, a fall that is called a rise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, Protocol

from babel.numbers import list_currencies

Direction = Literal["up", "down"]


class Bound(Protocol):
    """What a text may carry: a figure in its one form."""

    @property
    def rendered(self) -> str:
        """The form, one word (inner spaces do not break)."""
        ...

    @property
    def direction(self) -> Direction | None:
        """Whether it tells of a rise or a fall; None for a plain number."""
        ...


class Named(Bound, Protocol):
    """A figure that is known by a key."""

    @property
    def key(self) -> str:
        """Its key among the figures."""
        ...


_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion "
    "dozen nil"
)
_ORDINALS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth "
    "ninetieth hundredth thousandth millionth"
)
_TIMES: Final = (
    "once twice thrice double doubled doubles doubling triple tripled triples tripling quadruple quadrupled "
    "quintupled half halve halved halves quarter quarters fold percent percentage percentages pct"
)
_ROOTS: Final = frozenset(f"{_SMALL} {_ORDINALS} {_TIMES}".split())
WORDS: Final = frozenset(
    {f"{root}{end}" for root in _ROOTS for end in ("", "s", "fold")} | {f"{root[:-1]}ies" for root in _ROOTS}
)
"""Words that are numbers."""

_MONEY: Final = "euro euros dollar dollars pound pounds rupee rupees yen franc francs cent cents"
_UNITS: Final = frozenset({*_MONEY.split(), "x", "k", "m", "mn", "bn", "tn", "times", "pp"})
"""Words that make another number of the one before them."""
_SIGNS: Final = frozenset({"minus", "plus", "negative", "+", "<", ">", "~", "\N{MINUS SIGN}", "\N{PLUS-MINUS SIGN}"})
"""Words that make another number of the one after them."""
_CURRENCIES: Final = frozenset(list_currencies())

_OPENING: Final = "([{\"'\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"
_CLOSING: Final = ")]}\"'.,;:!?\N{HORIZONTAL ELLIPSIS}\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_WRITTEN: Final = re.compile(r"[^ \t\r\n]+")
"""Other spaces are part of their word: a thin one groups digits."""
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_CLAUSE_ENDS: Final = ".;:!?,"

_RISE: Final = "more up rise rises rose risen grew grow growth grown gain gained higher increase increased"
_FALL: Final = "fewer less down fall falls fell fallen drop dropped lower decrease decreased shrank"
_SPEAKS: Final[dict[Direction, frozenset[str]]] = {
    "up": frozenset(_RISE.split()),
    "down": frozenset(_FALL.split()),
}
_OPPOSITE: Final[dict[Direction, Direction]] = {"up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A number that may not stand in the text, and why, in words for whoever wrote it."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text: as written, without the punctuation around it, and its letters in plain form."""

    written: str
    core: str
    parts: tuple[str, ...]

    @property
    def is_number(self) -> bool:
        return any(_is_numeric(character) for character in self.written) or not WORDS.isdisjoint(self.parts)

    @property
    def ends_clause(self) -> bool:
        return self.written[-1] in _CLAUSE_ENDS


def find_faults(text: str, figures: Iterable[Bound]) -> list[Fault]:
    """Give every number of the text that is not bound to a figure, in the order of the text."""
    bound: dict[str, set[Direction | None]] = {}
    for figure in figures:
        bound.setdefault(figure.rendered, set()).add(figure.direction)
    words = [_word(written) for written in _WRITTEN.findall(text)]
    return [
        *_unbound(words, bound),
        *_side_by_side(words),
        *_with_units(words),
        *_turned_round(words, bound),
    ]


def find_bindings(text: str, figures: Iterable[Named]) -> dict[str, frozenset[str]]:
    """Give the numbers of a text that are bound, each with the keys of the figures that it can stand for."""
    keys: dict[str, set[str]] = {}
    for figure in figures:
        keys.setdefault(figure.rendered, set()).add(figure.key)
    words = [_word(written) for written in _WRITTEN.findall(text)]
    return {word.core: frozenset(keys[word.core]) for word in words if word.is_number and word.core in keys}


def cut(text: str) -> Iterator[tuple[str, str, str]]:
    """Cut a text at its words: what stands before a word, the word without its punctuation, and that punctuation."""
    end = 0
    for match in _WRITTEN.finditer(text):
        word = _word(match[0])
        at = match.start() + len(match[0]) - len(match[0].lstrip(_OPENING))
        yield text[end:at], word.core, match[0][at - match.start() + len(word.core) :]
        end = match.end()
    yield text[end:], "", ""


def _unbound(words: Sequence[_Word], bound: Mapping[str, object]) -> Iterator[Fault]:
    for word in words:
        if word.is_number and word.core not in bound:
            yield Fault(word.written, f'"{word.core or word.written}" is none of the figures as they are written')


def _side_by_side(words: Sequence[_Word]) -> Iterator[Fault]:
    for one, other in pairwise(words):
        if (
            one.is_number
            and other.is_number
            and one.written.endswith(one.core)
            and other.written.startswith(other.core)
        ):
            yield Fault(f"{one.written} {other.written}", f'"{one.core} {other.core}" reads as one number')


def _with_units(words: Sequence[_Word]) -> Iterator[Fault]:
    for one, other in pairwise(words):
        is_scaled = one.is_number and (other.core in _CURRENCIES or other.core.casefold() in _UNITS)
        is_signed = other.is_number and (one.core in _CURRENCIES or one.core.casefold() in _SIGNS)
        if is_scaled or is_signed:
            yield Fault(f"{one.written} {other.written}", f'"{one.core} {other.core}" is none of the figures')


def _turned_round(words: Sequence[_Word], bound: Mapping[str, set[Direction | None]]) -> Iterator[Fault]:
    for clause in _clauses(words):
        spoken = {part for word in clause for part in word.parts}
        for word in clause:
            told = bound.get(word.core, set()) if word.is_number else set()
            if len(told) == 1 and (direction := next(iter(told))) is not None:
                is_right, is_wrong = spoken & _SPEAKS[direction], spoken & _SPEAKS[_OPPOSITE[direction]]
                if is_wrong and not is_right:
                    kind = "rise" if direction == "up" else "fall"
                    yield Fault(word.written, f'"{word.core}" is a {kind}, and the sentence says otherwise')


def _clauses(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    clause: list[_Word] = []
    for word in words:
        clause.append(word)
        if word.ends_clause:
            yield clause
            clause = []
    yield clause


def _word(written: str) -> _Word:
    return _Word(written, written.lstrip(_OPENING).rstrip(_CLOSING), tuple(_LETTERS.findall(_plain(written))))


def _plain(written: str) -> str:
    """Give the letters without accents, invisible characters and styles, in small."""
    decomposed = unicodedata.normalize("NFKD", written)
    return "".join(item for item in decomposed if unicodedata.category(item) not in ("Mn", "Cf")).casefold()


def _is_numeric(character: str) -> bool:
    return (
        character.isnumeric()
        or character in "%\N{PER MILLE SIGN}\N{PER TEN THOUSAND SIGN}"
        or (unicodedata.category(character) == "Sc")
    )
