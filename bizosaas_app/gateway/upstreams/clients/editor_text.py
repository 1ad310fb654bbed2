"""Descriptions as the shop's editor keeps them (Editor.js: blocks as JSON), made plain text. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_TAG: Final = re.compile(r"<[^<>]*>")
"""The marks within a line: bold, links and the like."""


def plain(text: str) -> str:
    """Give the blocks' texts, one a line; a text that is no such document is given as it is."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    blocks = document.get("blocks") if isinstance(document, Mapping) else None
    if not isinstance(blocks, list):
        return text.strip()
    lines = (html.unescape(_TAG.sub("", said)).strip() for block in blocks for said in _texts(block))
    return "\n".join(filter(None, lines))


def _texts(block: Any) -> Iterator[str]:
    """Give what a paragraph, a heading or a quotation says, or each item of a list."""
    data = block.get("data") if isinstance(block, Mapping) else None
    if not isinstance(data, Mapping):
        return
    items = data.get("items")
    for said in (data.get("text"), *(items if isinstance(items, list) else ())):
        words = said.get("content") if isinstance(said, Mapping) else said
        if isinstance(words, str):
            yield words
