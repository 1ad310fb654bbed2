"""Text that people type: what the database cannot keep or a mail header must not carry is refused at the door."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints

_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, lone surrogates, line and paragraph separators."""


def one_line(value: str) -> str:
    """Give the text back, or raise ValueError when it is more than one printable line."""
    if any(unicodedata.category(character) in _UNPRINTABLE for character in value):
        raise ValueError("Must be one line of printable text")
    return value


def paragraphs(value: str) -> str:
    """Give the text back, or raise ValueError when anything unprintable but the ends of lines is in it."""
    if any(unicodedata.category(character) in _UNPRINTABLE and character != "\n" for character in value):
        raise ValueError("Must be printable text")
    return value


def _address(value: str) -> str:
    try:
        # Deliverability would be a DNS query; addresses of private networks are addresses too.
        validate_email(value.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise ValueError("Not a valid e-mail address") from None
    return value.strip().lower()


Line = Annotated[str, AfterValidator(one_line)]
"""Any printable text on one line."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(one_line)]
"""A name of a person or a thing."""
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(one_line), AfterValidator(_address)]
"""An e-mail address in small letters; 254 is the longest that SMTP carries (RFC 5321)."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1024), AfterValidator(one_line)]
"""A password or a token as typed; the length is only a bound on work, bcrypt's own limit speaks for itself."""
