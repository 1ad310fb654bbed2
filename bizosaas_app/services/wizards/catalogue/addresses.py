"""How an e-mail address is asked for: one, with nothing round it. What a mail's header would part is refused."""

from __future__ import annotations

from typing import Final

_WORD: Final = r"[^@\s\"<>(),:;\[\\\]]+"
"""What RFC 5322 allows outside of quotation marks (3.2.3), and letters of any script (RFC 6532)."""

EMAIL_PATTERN: Final = rf"{_WORD}@{_WORD}\.{_WORD}"
EMAIL_HINT: Final = "Use an address such as name@example.com"
EMAIL_LENGTH: Final = 254
"""The longest that SMTP carries (RFC 5321)."""
