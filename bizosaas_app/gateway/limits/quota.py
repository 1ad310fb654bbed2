"""The exact quota, and the session's entry that is read in the same round trip.

At most `limit` requests are admitted in any rolling window, over all workers: a sliding log in Valkey (`lua/
sliding_log.lua`) is trimmed, counted and written by one atomic script, by the server's own clock. Refused attempts
are not recorded, so waiting as long as `Retry-After` says is enough. Fixed windows and two-bucket estimates admit
up to twice the quota around a window's edge; that is why every admitted request is kept.

Everything here raises `CacheError` when Valkey is away: nobody is served who cannot be checked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from bizosaas_app.gateway.limits import scripts
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.services.accounts import epochs as epochs_of

HOUR_SECONDS: Final = 3600

_CHARGE: Final = scripts.load("sliding_log", "charge")
_ADMIT: Final = scripts.load("sliding_log", "admit")
_STORE: Final = scripts.load("store")
_LOOK: Final = scripts.load("sliding_log", "look")

State = Literal["ok", "limited", "reload", "revoked"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the quota said.

    `reset_seconds` is the time until the oldest counted request leaves the window and its place comes back;
    `retry_after_seconds` is the same for a refused request, else 0.
    """

    admitted: bool
    limit: int
    remaining: int
    reset_seconds: float
    retry_after_seconds: float

    def headers(self) -> dict[str, str]:
        """Give the answer's headers; times are whole seconds, rounded up so that waiting is enough."""
        values = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(math.ceil(self.reset_seconds)),
        }
        if not self.admitted:
            values["Retry-After"] = str(max(1, math.ceil(self.retry_after_seconds)))
        return values


@dataclass(frozen=True, slots=True)
class Admission:
    """What Valkey knows of a session.

    `ok` and `limited` carry the entry's `data` (and the `decision`, if a quota was asked); `reload` means that there
    is no valid entry, and carries the `epochs` to hand to `store_session_entry` after reading the database;
    `revoked` means that the session is dead. Only `ok` and `limited` touched the quota.
    """

    state: State
    data: str | None = None
    decision: Decision | None = None
    epochs: tuple[str, str] = ("", "")


async def charge(cache: Cache, key: str, limit: int, *, window_seconds: float) -> Decision:
    """Take one request out of the quota `key`."""
    arguments = [limit, scripts.microseconds(window_seconds)]
    return _decision(limit, *await cache.script(_CHARGE)(keys=[key], args=arguments))


async def admit(
    cache: Cache,
    tenant_id: UUID,
    session_id: UUID,
    user_id: UUID,
    *,
    quota_key: str | None,
    limit: int | None,
    window_seconds: float = HOUR_SECONDS,
) -> Admission:
    """Read the session's entry and charge the quota in one round trip; only a living session is charged.

    `user_id` names whose epoch counts: the user, or the API key itself. Without a `quota_key` the tenant's own quota
    is meant; without a `limit` nothing is charged.
    """
    keys = [*_session_keys(tenant_id, session_id, user_id), quota_key or own_key(tenant_id)]
    budget = "" if limit is None else limit
    answer = await cache.script(_ADMIT)(keys=keys, args=[budget, scripts.microseconds(window_seconds)])
    state: State = answer[0]
    if state == "reload":
        return Admission(state, epochs=(answer[1], answer[2]))
    if state == "revoked":
        return Admission(state)
    decision = None if limit is None else _decision(limit, *answer[2:])
    return Admission(state, answer[1], decision)


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a quota is used, and when the first and the last used place come back (None when none is)."""

    used: int
    next_free_seconds: float | None
    all_free_seconds: float | None


async def look(cache: Cache, key: str, *, window_seconds: float = HOUR_SECONDS) -> Usage:
    """Say what is used of the quota `key`, without using any of it."""
    used, first, last = await cache.script(_LOOK)(keys=[key], args=[scripts.microseconds(window_seconds)])
    if not used:
        return Usage(0, None, None)
    return Usage(used, first / scripts.MICROSECONDS, last / scripts.MICROSECONDS)


def own_key(tenant_id: UUID) -> str:
    """Name the tenant's own quota of HTTP requests."""
    return Cache.key(tenant_id, "quota")


async def store_session_entry(
    cache: Cache,
    tenant_id: UUID,
    session_id: UUID,
    user_id: UUID,
    *,
    data: str | None,
    epochs: tuple[str, str],
    ttl_seconds: int = 60,
) -> bool:
    """Keep what PostgreSQL said, unless rights changed since `epochs` were read; say whether it was kept.

    So a reload that races with a revocation never brings old rights back. Data of None says that there is no such
    session alive: until the epochs change it is `revoked`, and whoever repeats a dead token costs no more queries.
    """
    keys = _session_keys(tenant_id, session_id, user_id)
    arguments: list[str | int] = [*epochs, ttl_seconds * 1000]
    if data is not None:
        arguments.append(data)
    return bool(await cache.script(_STORE)(keys=keys, args=arguments))


def session_key(tenant_id: UUID, session_id: UUID) -> str:
    """Name the entry of a session."""
    return Cache.key(tenant_id, "session", session_id)


def _session_keys(tenant_id: UUID, session_id: UUID, user_id: UUID) -> list[str]:
    return [
        session_key(tenant_id, session_id),
        epochs_of.epoch_key(tenant_id, "user", user_id),
        epochs_of.epoch_key(tenant_id, "tenant", tenant_id),
    ]


def _decision(limit: int, admitted: int, remaining: int, wait_microseconds: int) -> Decision:
    seconds = wait_microseconds / scripts.MICROSECONDS
    return Decision(bool(admitted), limit, remaining, seconds, 0 if admitted else seconds)
