"""Access tokens: short-lived JWTs (RFC 9068 in type, RFC 8725 in care), signed ES256 and nothing else.

A token proves who signed in and in which session. It never proves what they may do: rights come from the
session record, which is asked on every request, so the `role` and `permissions` inside are for clients only.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import jwt

from bizosaas_app.kernel.errors import NotSignedIn
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.kernel.secrets import SigningKeys
from bizosaas_app.services.accounts.session_records import SessionRecord

AUDIENCE: Final = "bizosaas-api"
TYPE: Final = "at+jwt"
ALGORITHM: Final = "ES256"
CLAIMS: Final = (
    "sub", "email", "role", "tenant_id", "tenant_slug", "permissions", "allowed_platforms", "gamification",
    "platform", "session_id", "exp", "iss", "aud", "iat", "jti",
)  # fmt: skip
"""Every claim that a token of ours carries; one without all of them is not ours."""

_SKEW_SECONDS: Final = 60
_LONGEST: Final = 4096
"""What fits a cookie (RFC 6265 section 6.1)."""
_REMEMBERED: Final = 4096
"""Verified tokens kept in memory: some 2 MB."""


class TokenRefused(NotSignedIn):
    """The token is not one of ours, or not one for this use."""


class TokenExpired(NotSignedIn):
    """The token was ours; its time is over and a refresh gives the next one."""

    code = "token_expired"
    title = "Your sign-in needs a refresh"


@dataclass(frozen=True, slots=True)
class Gamification:
    """The summary of a person's game that clients show at once; a snapshot from the token's birth."""

    achievement_count: int = 0
    leaderboard_rank: int | None = None
    referral_code: str | None = None
    portfolio_id: str | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A fresh token and how many seconds it lives."""

    text: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified token proves."""

    user_id: UUID
    tenant_id: UUID
    session_id: UUID
    expires_at: int
    """Unix seconds."""
    kid: str


class AccessTokens:
    """Makes and verifies the tokens of one issuer; remembers verified ones, since ES256 costs time."""

    def __init__(self, signing: SigningKeys, *, issuer: str, ttl_seconds: int) -> None:
        self._signing = signing
        self._issuer = issuer
        self._ttl = ttl_seconds
        self._verified: OrderedDict[bytes, Identity] = OrderedDict()

    def issue(self, record: SessionRecord, gamification: Gamification, *, now: datetime) -> AccessToken:
        """Give a token for this session; it never outlives the session."""
        expires_at = min(now + timedelta(seconds=self._ttl), record.expires_at)
        issued, expires = int(now.timestamp()), int(expires_at.timestamp())
        claims: dict[str, Any] = {
            "sub": str(record.user_id),
            "email": record.email,
            "role": record.role,
            "tenant_id": str(record.tenant_id),
            "tenant_slug": record.tenant_slug,
            "permissions": sorted(record.permissions),
            "allowed_platforms": list(record.platforms),
            "gamification": asdict(gamification),
            "platform": record.platform,
            "session_id": str(record.session_id),
            "exp": expires,
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": issued,
            "jti": str(new_id()),
        }
        key = self._signing.sign_key()
        text = jwt.encode(claims, key.private_key, ALGORITHM, headers={"typ": TYPE, "kid": key.kid})
        return AccessToken(text, max(0, expires - issued))

    async def verify(self, text: str, *, now: datetime, may_be_expired: bool = False) -> Identity:
        """Give what the token proves; raises `TokenRefused` or, for one past its time, `TokenExpired`."""
        if len(text) > _LONGEST:
            raise TokenRefused
        digest = hashlib.sha256(text.encode()).digest()
        identity = self._verified.get(digest)
        if identity is None:
            identity = await self._examine(text)
            self._remember(digest, identity)
        else:
            self._verified.move_to_end(digest)
        if self._signing.verify_key(identity.kid) is None:
            raise TokenRefused
        if now.timestamp() >= identity.expires_at and not may_be_expired:
            raise TokenExpired
        return identity

    def _remember(self, digest: bytes, identity: Identity) -> None:
        self._verified[digest] = identity
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)

    async def _examine(self, text: str) -> Identity:
        try:
            header = jwt.get_unverified_header(text)
            kid = header.get("kid")
            if header.get("alg") != ALGORITHM or str(header.get("typ")).lower() != TYPE:
                raise TokenRefused
            if not isinstance(kid, str) or not await self._signing.learn(kid):
                raise TokenRefused
            claims = jwt.decode(
                text,
                self._signing.verify_key(kid) or "",
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=_SKEW_SECONDS,
                # The expiry is checked above, against the caller's clock, for remembered tokens too.
                options={"require": list(CLAIMS), "verify_exp": False, "strict_aud": True},
            )
            return self._read(claims, kid)
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise TokenRefused from error

    def _read(self, claims: Mapping[str, Any], kid: str) -> Identity:
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int:
            raise TokenRefused
        if not 0 <= expires - issued <= self._ttl + _SKEW_SECONDS:
            raise TokenRefused
        return Identity(UUID(claims["sub"]), UUID(claims["tenant_id"]), UUID(claims["session_id"]), expires, kid)


_made: tuple[Resources, AccessTokens] | None = None


def access_tokens(resources: Resources) -> AccessTokens:
    """Give the tokens of this process; its memory lives as long as its resources."""
    global _made  # noqa: PLW0603  # a memory beside the resources that it belongs to
    if _made is None or _made[0] is not resources:
        settings = resources.settings
        made = AccessTokens(resources.signing, issuer=settings.public_origin, ttl_seconds=settings.access_ttl_seconds)
        _made = (resources, made)
    return _made[1]
