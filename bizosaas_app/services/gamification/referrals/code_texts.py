"""The text of codes: drawn from an alphabet that nobody misreads, or chosen by an administrator."""

from __future__ import annotations

import re
import secrets
from typing import Final

from bizosaas_app.kernel.errors import InputInvalid

ALPHABET: Final = "CDFGHJKMNPQRTVWXY34679"
"""No letter beside the digit that it looks like (B8, IL1, O0, S5, Z2), and no vowels, so that no words come out."""
LENGTH: Final = 8
"""22^8 is 55 thousand million: a million codes are found by guessing once in 55,000 tries, and tries are counted."""

_VANITY: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{2,30})[A-Z0-9]")


def draw() -> str:
    """Give a new text by chance."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(text: str) -> str:
    """Give the one spelling of a code: people type it in small letters, and with spaces around it."""
    return text.strip().upper()


def check_vanity(text: str) -> str:
    """Give the normal spelling of a chosen code; raises `InputInvalid` for the field `code`."""
    code = normalise(text)
    if _VANITY.fullmatch(code) is None:
        raise InputInvalid({"code": "Use 4 to 32 letters, digits and hyphens, with no hyphen at either end"})
    return code
