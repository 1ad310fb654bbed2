"""The signed tenant context: what a transaction sets so that the database knows, and believes, its tenant.

Row-level security compares rows with `app.tenant_id()`, which accepts the context only with a valid
HMAC-SHA-256 over scope, tenant, backend process and expiry. SQL that an attacker injects can call
`set_config`, but it cannot sign.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

Scope = Literal["tenant", "platform"]

LIFETIME_SECONDS: Final = 60
"""A signature is good for transactions that begin within a minute; the database accepts up to 120 s, so the
clocks of the two machines may differ by a minute either way."""

_BLOCK: Final = 64
"""Block size of SHA-256 in bytes (RFC 2104)."""


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """Give the inner and outer padded key blocks of HMAC-SHA-256, which is all that the database needs."""
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


@dataclass(frozen=True, slots=True)
class ContextSigner:
    """Signs contexts with one of the keys that `migrations.install_context_key` gave to the database."""

    key_id: str
    key: bytes = field(repr=False)

    def settings(self, scope: str, tenant_id: UUID | None, backend_pid: int, now: datetime) -> dict[str, str]:
        """Give the settings, by name, to pass to `set_config(name, value, true)` in this transaction.

        `backend_pid` is the server process that runs the transaction (`pg_backend_pid()`); the signature is
        worthless in any other. Raises ValueError when scope and tenant do not fit together.
        """
        if scope not in ("tenant", "platform") or (scope == "tenant") != (tenant_id is not None):
            raise ValueError(f"scope {scope!r} with tenant {tenant_id}")
        tenant = str(tenant_id) if tenant_id is not None else ""
        expires = str(int(now.timestamp()) + LIFETIME_SECONDS)
        message = f"{scope}:{tenant}:{backend_pid}:{expires}"
        return {
            "app.ctx_scope": scope,
            "app.ctx_tenant": tenant,
            "app.ctx_expires": expires,
            "app.ctx_key": self.key_id,
            "app.ctx_sig": hmac.new(self.key, message.encode(), sha256).hexdigest(),
        }
