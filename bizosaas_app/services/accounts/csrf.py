"""CSRF values: readable by our own pages, bound to the session by a MAC (OWASP's signed double submit)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts.sealed import seal, unseal

_PREFIX: Final = token_prefixes.CSRF


def token(ring: PepperRing, session_id: UUID) -> str:
    """Give the value that every form of this session carries."""
    return seal(ring, _PREFIX, session_id.bytes)


def is_of(ring: PepperRing, text: str, session_id: UUID) -> bool:
    """Say whether the value was made for this session."""
    return unseal(ring, _PREFIX, text, length=16) == session_id.bytes
