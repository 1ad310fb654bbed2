"""Reputation between tenants: keyed hashes go out, counts of tenants come back, and only for those who opted in.

A hash is made under a key of the platform, so nobody can tell from it what it was; the table behind the doors cannot
be read by the application. See `alembic/versions/v0011_fraud.py` for the floor: two tenants, or one case that a person
confirmed. One tenant's mere suspicion could be a mistake, or a way to harm somebody elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.gamification.fraud import emails, keyed
from bizosaas_app.services.gamification.fraud.verdicts import Attempt

Outcome = Literal["suspected", "confirmed", "cleared"]
Heard = tuple[int, int, tuple[str, ...]]
"""How many other tenants hold cases, how many of them confirmed by a person, and about what."""

SILENCE: Final[Heard] = (0, 0, ())

_ASK: Final = text("SELECT kind, tenants, confirmed FROM app.network_signal(:kinds, :hashes)")
_REPORT: Final = text("""
SELECT app.report_signal(kind, hash, :outcome)
FROM unnest(CAST(:kinds AS text[]), CAST(:hashes AS text[])) AS told (kind, hash) ORDER BY kind, hash
""")
_WITHDRAW: Final = text("SELECT app.withdraw_signals()")


def hashes_of(ring: PepperRing, attempt: Attempt) -> dict[str, tuple[str, ...]]:
    """Give the hashes that mean the same to all tenants, by kind, the current key's first."""
    told = {
        "device": attempt.device,
        "payment": attempt.payment,
        "email": emails.canonical(attempt.referred_email),
    }
    return {kind: keyed.of_platform(ring, kind, value) for kind, value in told.items()}


async def ask(session: AsyncSession, hashes: Mapping[str, tuple[str, ...]]) -> Heard:
    """Ask what other tenants say of these hashes, by kind."""
    pairs = [(kind, digest) for kind, digests in hashes.items() for digest in digests]
    rows = (await session.execute(_ASK, _columns(pairs))).all()
    if not rows:
        return SILENCE
    return max(row.tenants for row in rows), max(row.confirmed for row in rows), tuple(sorted(row.kind for row in rows))


async def report(session: AsyncSession, hashes: Mapping[str, str], outcome: Outcome) -> None:
    """Tell other tenants of hashes, by kind; nothing leaves a tenant that has not opted in."""
    if hashes:
        await session.execute(_REPORT, {"outcome": outcome, **_columns(list(hashes.items()))})


async def withdraw(session: AsyncSession) -> int:
    """Take back all that this tenant ever told; give how many signals that were."""
    return int((await session.execute(_WITHDRAW)).scalar_one())


def _columns(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    kinds, hashes = zip(*pairs, strict=True)
    return {"kinds": list(kinds), "hashes": list(hashes)}
