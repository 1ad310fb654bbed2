"""Peppers: keys for MACs of what we store hashed (tokens, API keys) or sign for ourselves (CSRF, context)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from bizosaas_app.kernel.secrets.keyrings import KeyRing

_PEPPER_BYTES: Final = 32
"""As long as the digest of SHA-256: longer adds nothing to HMAC (RFC 2104)."""
_ID_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Pepper:
    """A symmetric key of 32 bytes and the id that rows carry beside their digest."""

    key_id: str
    created_at: datetime
    active_at: datetime
    key: bytes = field(repr=False)


class Mac(NamedTuple):
    """A digest (HMAC-SHA256, 32 bytes) and the id of the pepper that made it."""

    key_id: str
    digest: bytes


class PepperRing(KeyRing[Pepper]):
    """A ring such as `pepper/refresh`. Give `keep_seconds` the longest life of what it signs."""

    @property
    def current(self) -> tuple[str, bytes]:
        """The id and the bytes of the pepper to use now; raises SecretsUnavailable before `load`."""
        pepper = self._current()
        return pepper.key_id, pepper.key

    @property
    def all(self) -> dict[str, bytes]:
        """Every pepper that counts, by id: the published next one, the current one and the replaced ones."""
        return {pepper.key_id: pepper.key for pepper in self._held()}

    def mac(self, data: bytes) -> Mac:
        """Give the digest of the data under the current pepper."""
        return _mac(self._current(), data)

    def verify(self, key_id: str, data: bytes, digest: bytes) -> bool:
        """Whether the digest is the data's under that pepper; compares in constant time.

        False for an unknown id: `await ring.learn(key_id)` first when another worker may have made it.
        """
        pepper = self._find(key_id)
        return pepper is not None and hmac.compare_digest(_mac(pepper, data).digest, digest)

    def candidates(self, data: bytes) -> list[Mac]:
        """Give the digest under every pepper, newest first, to look up a row that does not name its own."""
        return [_mac(pepper, data) for pepper in reversed(self._held())]

    def _generate(self, created_at: datetime, active_at: datetime) -> Pepper:
        return Pepper(secrets.token_hex(_ID_BYTES), created_at, active_at, secrets.token_bytes(_PEPPER_BYTES))

    def _pack(self, key: Pepper) -> dict[str, str]:
        return {"id": key.key_id, "key": base64.b64encode(key.key).decode()}

    def _unpack(self, members: dict[str, Any], created_at: datetime, active_at: datetime) -> Pepper:
        key = base64.b64decode(members["key"], validate=True)
        if len(key) != _PEPPER_BYTES or not isinstance(members["id"], str):
            raise ValueError("not a pepper")
        return Pepper(members["id"], created_at, active_at, key)


def _mac(pepper: Pepper, data: bytes) -> Mac:
    return Mac(pepper.key_id, hmac.new(pepper.key, data, hashlib.sha256).digest())
