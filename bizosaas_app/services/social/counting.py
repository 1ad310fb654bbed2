"""Counting: how long a text is, as each network counts. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, Literal

import regex

Counting = Literal["weighted", "characters", "graphemes", "short mentions", "bytes"]
"""`weighted`: X's own; `characters`: code points; `graphemes`: what one sees as one sign; `short mentions`: the same,
and of a mention on another server the name alone; `bytes`: of UTF-8."""

LINK: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?'()\[\]{}]", re.IGNORECASE)
"""A link ends before the punctuation of its sentence."""
_REMOTE_MENTION: Final = re.compile(r"(?<![\w/])(@\w+)@[\w.-]+\w")

_GRAPHEME: Final = regex.compile(r"\X")
_EMOJI: Final = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\N{COMBINING ENCLOSING KEYCAP}")
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points of a single weight; all others count two (twitter-text, config/v3.json)."""


def length(text: str, counting: Counting, *, link_length: int = 0) -> int:
    """Give the length of a text; a link counts as `link_length` where that is set."""
    plain, links = LINK.subn("", text) if link_length else (text, 0)
    return _COUNTERS[counting](plain) + links * link_length


def graphemes(text: str) -> int:
    """Count what one sees as one sign each (Unicode annex 29)."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def _weighted(text: str) -> int:
    """Count as X does: after NFC, an emoji with all that is joined to it as two, wide signs as two."""
    clusters = _GRAPHEME.findall(unicodedata.normalize("NFC", text))
    return sum(2 if _is_emoji(cluster) else sum(map(_weight, cluster)) for cluster in clusters)


def _is_emoji(cluster: str) -> bool:
    if len(cluster) == 1 and ord(cluster) < 0x2000:
        return False  # the copyright sign and its like are letters until a selector makes them pictures
    return _EMOJI.search(cluster) is not None


def _weight(sign: str) -> int:
    return 1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2


def _short_mentions(text: str) -> int:
    return graphemes(_REMOTE_MENTION.sub(r"\1", text))


_COUNTERS: Final[dict[Counting, Callable[[str], int]]] = {
    "weighted": _weighted,
    "characters": len,
    "graphemes": graphemes,
    "short mentions": _short_mentions,
    "bytes": lambda text: len(text.encode()),
}
