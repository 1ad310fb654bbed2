"""Words: how texts are split and compared, the same way for every tool. No tool stands here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

_FUNCTION: Final = """
    a about above after again all also am an and any are as at be because been before being below between both but
    by can could did do does doing down during each few for from further had has have having he her here hers him his
    how i if in into is it its just may me might more most must my no nor not now of off on once only or other our
    ours out over own per same shall she should so some such than that the their theirs them then there these they
    this those through to too under until up upon very via was we were what when where which while who whom whose why
    will with within without would you your yours
"""
FUNCTION_WORDS: Final = frozenset(_FUNCTION.split())
"""English words that carry grammar, not subject matter."""

_WORD: Final = re.compile(r"[^\W_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}-][^\W_]+)*")
_END: Final = re.compile(r"(?<=[.!?\N{HORIZONTAL ELLIPSIS}])[\"')\]\N{RIGHT DOUBLE QUOTATION MARK}]*\s+(?=[^\sa-z])")
_SHORT: Final = re.compile(r"\b(?:e\.g|i\.e|vs|mr|mrs|ms|dr|prof|approx|(?-i:[A-HJ-Z]))\.$", re.I)
"""Abbreviations that hardly end a sentence, and initials (I is a word)."""


def words(text: str) -> list[str]:
    """Give the words in lower case, numbers among them."""
    return [match.lower() for match in _WORD.findall(text)]


def telling(text: str) -> list[str]:
    """Give the words that carry subject matter, with plurals in -s brought to the singular."""
    return [_singular(word) for word in words(text) if word not in FUNCTION_WORDS]


def sentences(text: str) -> list[str]:
    """Split English text into sentences; an empty line or a line that ends a list item ends one as well."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#]|\d+[.)])\s)", text):
        pieces = _END.split(" ".join(block.split()))
        for piece in pieces:
            if found and _SHORT.search(found[-1]) and piece is not pieces[0]:
                found[-1] = f"{found[-1]} {piece}"
            elif words(piece):
                found.append(piece)
    return found


def similarities(texts: Sequence[str], *, pairs: bool = True) -> np.ndarray[Any, Any]:
    """Give the cosine similarity of every two texts by TF-IDF over words (and pairs of words), as a square matrix.

    Texts without a telling word are similar to none. The weighting is scikit-learn's (smoothed idf, l2 norm).
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    prepared = [telling(text) for text in texts]
    if not any(prepared):
        return np.zeros((len(texts), len(texts)))
    shape = TfidfVectorizer(analyzer=_terms if pairs else list, sublinear_tf=True)
    weights = shape.fit_transform(prepared)
    result: np.ndarray[Any, Any] = (weights @ weights.T).toarray()
    clipped: np.ndarray[Any, Any] = np.clip(result, 0.0, 1.0)
    return clipped


def _terms(tokens: Sequence[str]) -> list[str]:
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
