"""Letters as those who get them read them."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Literal


def said(letter: EmailMessage, kind: Literal["plain", "html"]) -> str:
    """Give the words of a letter in one of its two forms."""
    part = letter.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text
