"""Who asks, as an upstream is told: plain headers, and a token of one minute by which it can check them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import jwt

from bizosaas_app.gateway.upstreams.hop_by_hop import Header
from bizosaas_app.gateway.upstreams.trace import traceparent
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.secrets import SigningKeys

TOKEN_SECONDS: Final = 60
TYPE: Final = "bizosaas-identity+jwt"
"""Not the type of an access token: neither can stand for the other."""
_ALGORITHM: Final = "ES256"


def headers_of(actor: Actor, token: str, *, given_trace: str | None) -> list[Header]:
    """Give the headers that say for whom a call is made."""
    pairs = {
        "x-tenant-id": str(actor.tenant_id),
        "x-request-id": actor.request_id,
        "traceparent": traceparent(given_trace, actor.request_id),
        "x-bizosaas-identity": token,
    }
    if actor.user_id is not None:
        pairs["x-user-id"] = str(actor.user_id)
    return [(name.encode(), value.encode("ascii")) for name, value in pairs.items()]


def token_for(upstream: str, actor: Actor, signing: SigningKeys, *, issuer: str, now: datetime) -> str:
    """Give a token that only this upstream takes; it verifies by `/.well-known/jwks.json`."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": upstream,
        "sub": str(actor.user_id or actor.api_key_id or actor.tenant_id),
        "tenant_id": str(actor.tenant_id),
        "user_id": str(actor.user_id) if actor.user_id else None,
        "role": actor.role,
        "iat": issued,
        "exp": issued + TOKEN_SECONDS,
        "jti": str(new_id()),
    }
    key = signing.sign_key()
    return jwt.encode(claims, key.private_key, _ALGORITHM, headers={"typ": TYPE, "kid": key.kid})
