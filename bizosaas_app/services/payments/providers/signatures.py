"""Signatures of events by a shared secret, as Stripe and Razorpay document them. Pure; compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

TOLERANCE_SECONDS: Final = 300
"""How old (or how far ahead) Stripe's timestamp may be: the default of its own libraries."""
_MOST_PAIRS: Final = 20
"""A header has a timestamp and a signature for each live secret; more is not Stripe's."""


def sign(secret: str, content: bytes) -> str:
    """Give the HMAC with SHA-256 in small hexadecimal letters."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def is_stripes(header: str, raw: bytes, secret: str, now: datetime) -> bool:
    """Say whether `Stripe-Signature` (`t=...,v1=...`) signs the raw body, and did so just now.

    Signed is `<t>.<body>`; while a secret is being replaced there are several `v1`. Other schemes are ignored.
    """
    pairs = [pair.strip().partition("=") for pair in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1"]
    if not secret or len(pairs) > _MOST_PAIRS or len(stamps) != 1 or not stamps[0].isdecimal() or len(stamps[0]) > 12:
        return False
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE_SECONDS:
        return False
    right = sign(secret, stamps[0].encode() + b"." + raw)
    return any(_is_same(right, value) for value in given)


def is_razorpays(header: str, raw: bytes, secret: str) -> bool:
    """Say whether `X-Razorpay-Signature` signs the raw body."""
    return bool(secret) and _is_same(sign(secret, raw), header.strip())


def _is_same(right: str, given: str) -> bool:
    return hmac.compare_digest(right.encode(), given.encode())
