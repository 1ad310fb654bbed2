"""Sealed texts: bytes that only we could have written, in a form that fits a cookie, a header or a link.

``<prefix><base64url(payload)>.<base64url(mac)>``. A forged text dies here, before it costs a query.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

from bizosaas_app.kernel.secrets import PepperRing

_MAC_BYTES: Final = 24
"""192 bits of HMAC-SHA-256: beyond guessing, and short enough for a link."""
_LONGEST: Final = 512


def seal(ring: PepperRing, prefix: str, payload: bytes) -> str:
    """Give the payload sealed under the ring's current pepper; the prefix names what it is for."""
    digest = ring.mac(prefix.encode() + payload).digest[:_MAC_BYTES]
    return f"{prefix}{_encode(payload)}.{_encode(digest)}"


def unseal(ring: PepperRing, prefix: str, text: str, *, length: int) -> bytes | None:
    """Give the payload of exactly `length` bytes, or None when the text is not ours."""
    if len(text) > _LONGEST or not text.startswith(prefix):
        return None
    body, _, tail = text.removeprefix(prefix).partition(".")
    payload, digest = _decode(body), _decode(tail)
    if payload is None or digest is None or len(payload) != length:
        return None
    is_ours = False
    for mac in ring.candidates(prefix.encode() + payload):
        is_ours |= hmac.compare_digest(mac.digest[:_MAC_BYTES], digest)
    return payload if is_ours else None


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    """Give the bytes of the one canonical spelling; another spelling of the same bytes is refused."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return data if _encode(data) == text else None
