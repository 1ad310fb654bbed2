"""What a password must be: long enough, and not one's own name. No composition rules (NIST SP 800-63B, ASVS 6.2.5)."""

from __future__ import annotations

from typing import Final

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.passwords import encode

MIN_LENGTH: Final = 10


def check(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Pass, or raise `InputInvalid` for the field with what to change."""
    encode(password, field=field)
    if len(password) < MIN_LENGTH:
        raise InputInvalid({field: f"Use at least {MIN_LENGTH} characters"})
    own = {email.lower(), email.partition("@")[0].lower(), name.strip().lower()}
    if password.strip().lower() in own:
        raise InputInvalid({field: "Do not use your own name or e-mail address"})
    if len(set(password)) < 3:
        raise InputInvalid({field: "Use more than one or two different characters"})
