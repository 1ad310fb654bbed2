"""Hashtags: one spelling for what people type, and where they stand in a text. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from bizosaas_app.services.social.counting import LINK

MOST: Final = 60
"""Of one post; YouTube ignores all of more, and no network likes them."""
LONGEST: Final = 100
"""Characters; X and Instagram take no longer ones, Bluesky 64 graphemes."""

_IN_TEXT: Final = re.compile(r"(?<![\w&/#])#(\w*[^\W\d_]\w*)")
_PARTS: Final = re.compile(r"[\s\-.]+")
_SIGNS: Final = "#\N{FULLWIDTH NUMBER SIGN}"


def normalise(typed: str) -> str:
    """Give the hashtag without its sign: `summer sale!` becomes `summerSale`; raises ValueError when nothing is left.

    A hashtag holds letters, digits and underscores, and at least one letter; words are joined by a capital.
    """
    plain = unicodedata.normalize("NFKC", typed).strip().lstrip(_SIGNS)
    first, *rest = [_letters(part) for part in _PARTS.split(plain) if _letters(part)] or [""]
    tag = first + "".join(part[0].upper() + part[1:] for part in rest)
    if not any(sign.isalpha() for sign in tag):
        raise ValueError("A hashtag needs a letter")
    if len(tag) > LONGEST:
        raise ValueError(f"A hashtag has at most {LONGEST} characters")
    return tag


def normalise_all(typed: Iterable[str]) -> list[str]:
    """Give the hashtags in order, each once whatever its capitals; raises ValueError as `normalise` does, or for too
    many."""
    found: dict[str, str] = {}
    for text in typed:
        tag = normalise(text)
        found.setdefault(tag.casefold(), tag)
    if len(found) > MOST:
        raise ValueError(f"At most {MOST} hashtags")
    return list(found.values())


def find(text: str) -> list[tuple[int, int, str]]:
    """Give each hashtag of a text with its place (sign included); what stands in a link is none."""
    blanked = LINK.sub(lambda match: "/" * len(match[0]), text)
    return [(match.start(), match.end(), match[1]) for match in _IN_TEXT.finditer(blanked)]


def join(text: str, tags: Iterable[str]) -> str:
    """Give the text with the hashtags that it does not hold yet, after an empty line."""
    present = {tag.casefold() for _, _, tag in find(text)}
    missing = [f"#{tag}" for tag in tags if tag.casefold() not in present]
    return "\n\n".join(part for part in (text, " ".join(missing)) if part)


def _letters(part: str) -> str:
    # Marks belong to the letters of many scripts.
    return "".join(sign for sign in part if sign.isalnum() or sign == "_" or unicodedata.category(sign)[0] == "M")
