"""Keyed hashes: fingerprints and inboxes are compared without being kept."""

from __future__ import annotations

from uuid import UUID

from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.kernel.secrets.peppers import Mac


def digests(ring: PepperRing, *names: str) -> tuple[str, ...]:
    """Give the hash of this under every key of the ring, the current one first: older rows carry older keys.

    `names` say what the value is and whose, so that the same value elsewhere has another hash.
    """
    return tuple(mac.digest.hex() for mac in _current_first(ring, "\x1f".join(names).encode()))


def _current_first(ring: PepperRing, data: bytes) -> list[Mac]:
    current = ring.mac(data)
    return [current, *(mac for mac in ring.candidates(data) if mac.key_id != current.key_id)]


def of_tenant(ring: PepperRing, tenant_id: UUID, kind: str, value: str | None) -> tuple[str, ...]:
    """Give the hashes of a fingerprint inside one tenant; nothing for one that was not sent."""
    text = (value or "").strip()
    return digests(ring, str(tenant_id), kind, text) if text else ()


def of_platform(ring: PepperRing, kind: str, value: str | None) -> tuple[str, ...]:
    """Give the hashes that mean the same to all tenants."""
    text = (value or "").strip()
    return digests(ring, kind, text) if text else ()
