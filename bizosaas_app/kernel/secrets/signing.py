"""The keys that sign access tokens: ES256 (ECDSA on P-256), published as a JSON Web Key Set."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.secrets.keyrings import MISS_SECONDS, PUBLISH_SECONDS, KeyRing
from bizosaas_app.kernel.secrets.source import SecretSource

SKEW_SECONDS: Final = 60.0
"""How far the clocks of those who verify may differ from ours."""
_COORDINATE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the id that tokens carry as `kid`."""

    key_id: str
    created_at: datetime
    active_at: datetime
    private_key: EllipticCurvePrivateKey = field(repr=False)
    public_key: EllipticCurvePublicKey

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint of the public key."""
        return self.key_id


class SigningKeys(KeyRing[SigningKey]):
    """The ring `signing/keys`. A replaced key verifies until every token that it signed has expired."""

    def __init__(
        self,
        source: SecretSource,
        *,
        access_ttl_seconds: float,
        name: str = "signing/keys",
        skew_seconds: float = SKEW_SECONDS,
        publish_seconds: float = PUBLISH_SECONDS,
        miss_seconds: float = MISS_SECONDS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(
            source,
            name,
            keep_seconds=access_ttl_seconds + skew_seconds,
            publish_seconds=publish_seconds,
            miss_seconds=miss_seconds,
            clock=clock,
        )

    def sign_key(self) -> SigningKey:
        """Give the key to sign with now; raises SecretsUnavailable before `load`."""
        return self._current()

    def verify_key(self, kid: str) -> EllipticCurvePublicKey | None:
        """Give the public key of that id, or None when it is not ours (any more)."""
        key = self._find(kid)
        return key.public_key if key else None

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Give the public keys that count, the next one included, as RFC 7517 wants them."""
        return {
            "keys": [
                {**_public_members(key.public_key), "kid": key.kid, "use": "sig", "alg": "ES256"}
                for key in self._held()
            ]
        }

    def _generate(self, created_at: datetime, active_at: datetime) -> SigningKey:
        return _named(generate_private_key(SECP256R1()), created_at, active_at)

    def _pack(self, key: SigningKey) -> dict[str, str]:
        pem = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {"private_key": pem.decode()}

    def _unpack(self, members: dict[str, Any], created_at: datetime, active_at: datetime) -> SigningKey:
        key = load_pem_private_key(members["private_key"].encode(), password=None)
        if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
            raise TypeError("not a P-256 key")
        return _named(key, created_at, active_at)


def _named(key: EllipticCurvePrivateKey, created_at: datetime, active_at: datetime) -> SigningKey:
    public_key = key.public_key()
    return SigningKey(_thumbprint(public_key), created_at, active_at, key, public_key)


def _thumbprint(key: EllipticCurvePublicKey) -> str:
    canonical = json.dumps(_public_members(key), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _public_members(key: EllipticCurvePublicKey) -> dict[str, str]:
    point = key.public_numbers()
    x, y = (_base64url(number.to_bytes(_COORDINATE_BYTES, "big")) for number in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
