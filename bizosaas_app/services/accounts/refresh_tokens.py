"""Refresh tokens: derived, not stored. The session's counter says which one is the latest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts.sealed import seal, unseal

PREFIX: Final = token_prefixes.REFRESH
_LENGTH: Final = 16 + 16 + 4


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One generation of a session's refresh token."""

    tenant_id: UUID
    session_id: UUID
    generation: int

    def text(self, ring: PepperRing) -> str:
        """Give the token as the browser keeps it."""
        generation = self.generation.to_bytes(4, "big")
        return seal(ring, PREFIX, self.tenant_id.bytes + self.session_id.bytes + generation)


def parse(ring: PepperRing, text: str) -> RefreshToken | None:
    """Give the token of this text, or None when we never made it."""
    payload = unseal(ring, PREFIX, text, length=_LENGTH)
    if payload is None:
        return None
    return RefreshToken(UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), int.from_bytes(payload[32:], "big"))
