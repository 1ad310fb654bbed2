"""Access tokens: what it costs to validate one, the first time and remembered, beside PyJWT's bare decode."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import jwt

from bench import scene
from bench.measure import Series, publish, time_in_turns
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.permissions import PLATFORMS, ROLE_PERMISSIONS
from bizosaas_app.kernel.secrets import FileSecrets, SigningKeys
from bizosaas_app.services.accounts.access_tokens import ALGORITHM, AUDIENCE, AccessTokens, Gamification
from bizosaas_app.services.accounts.session_records import SessionRecord

TOKENS: Final = 2000
WARM_UP: Final = 20
LIMIT_MS: Final = 10.0
AIM_MS: Final = 1.0
BASELINE: Final = "PyJWT decode alone"
_ISSUER: Final = "http://localhost:3000"


def _record(tenant_id: UUID) -> SessionRecord:
    """Give an administrator's session: the longest list of permissions makes the longest token."""
    return SessionRecord(
        tenant_id=tenant_id,
        tenant_slug="acme-corp",
        session_id=new_id(),
        user_id=new_id(),
        name="Ana Reyes",
        email="ana.reyes@acme.example",
        role="tenant_admin",
        permissions=frozenset(ROLE_PERMISSIONS["tenant_admin"]),
        platforms=tuple(PLATFORMS),
        platform="bizosaas",
        expires_at=utc_now() + timedelta(days=1),
    )


async def measure(folder: Path) -> None:
    """Validate every token twice with ours and once with PyJWT, in turns; print and keep."""
    signing = SigningKeys(FileSecrets(folder), access_ttl_seconds=1800)
    await signing.load()
    ours = AccessTokens(signing, issuer=_ISSUER, ttl_seconds=1800)
    tenant_id = new_id()
    texts = [ours.issue(_record(tenant_id), Gamification(), now=utc_now()).text for _ in range(TOKENS + WARM_UP)]
    key = signing.verify_key(jwt.get_unverified_header(texts[0])["kid"])
    assert key is not None
    fresh, again, bare = iter(texts), iter(texts), iter(texts)

    async def first_time() -> None:
        await ours.verify(next(fresh), now=utc_now())

    async def remembered() -> None:
        await ours.verify(next(again), now=utc_now())

    async def with_pyjwt() -> None:
        jwt.decode(next(bare), key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=_ISSUER)

    works = {"bare": with_pyjwt, "first": first_time, "again": remembered}
    times = await time_in_turns(works, times=TOKENS, warm_up=WARM_UP)
    publish(
        "tokens",
        "Access token validation",
        [
            Series(BASELINE, times["bare"]),
            Series("first time", times["first"], baseline=BASELINE, limit_ms=LIMIT_MS, aim_ms=AIM_MS),
            Series("remembered", times["again"], baseline=BASELINE, limit_ms=LIMIT_MS, aim_ms=AIM_MS),
        ],
        algorithm=ALGORITHM,
        token_bytes=len(texts[0]),
    )


def main() -> None:
    """Run in a folder of its own."""
    with scene.folder() as folder:
        asyncio.run(measure(folder))


if __name__ == "__main__":
    main()
