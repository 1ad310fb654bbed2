"""Devices: the cookie that makes a browser known, and the words a person recognises it by."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

import ua_parser

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts.sealed import seal, unseal

_PREFIX: Final = token_prefixes.DEVICE
_LENGTH: Final = 16
_UNNAMED: Final = "Unknown device"
_LONGEST_AGENT: Final = 512


def new_cookie(ring: PepperRing) -> str:
    """Give the cookie of a device that has none yet."""
    return seal(ring, _PREFIX, secrets.token_bytes(_LENGTH))


def fingerprint(ring: PepperRing, cookie: str | None) -> str | None:
    """Give the stable name of the device with this cookie, or None when the cookie is not one of ours.

    It is a hash of the sealed bytes: who reads it in the database cannot make the cookie from it.
    """
    payload = unseal(ring, _PREFIX, cookie, length=_LENGTH) if cookie else None
    return hashlib.sha256(payload).hexdigest() if payload else None


def label(user_agent: str) -> str:
    """Give words such as "Chrome on Windows"; programs are called by their own name."""
    text = user_agent[:_LONGEST_AGENT]
    parsed = ua_parser.parse(text)
    browser = parsed.user_agent.family if parsed.user_agent else text.partition("/")[0].strip()[:60]
    if not browser:
        return _UNNAMED
    return f"{browser} on {parsed.os.family}" if parsed.os else browser
