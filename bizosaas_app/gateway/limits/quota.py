"""The exact quota: at most `limit` requests in any rolling window, over all workers.

A sliding log in Valkey: one sorted set per key with the time of every admitted request. One atomic script trims,
counts and records, by the server's own clock, so workers cannot overshoot and their clocks do not matter. Refused
attempts are not recorded: waiting as long as `Retry-After` says is always enough.

The same round trip can read the session's record (`admit`), because every request needs both.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from bizosaas_app.kernel.cache import Cache

HOUR_SECONDS: Final = 3600

_CHARGE: Final = """
local function charge(log, limit, window)
  local t = redis.call('TIME')
  local now = t[1] * 1000000 + t[2]
  redis.call('ZREMRANGEBYSCORE', log, '-inf', now - window)
  local used = redis.call('ZCARD', log)
  if used >= limit then
    local oldest = tonumber(redis.call('ZRANGE', log, used - limit, used - limit, 'WITHSCORES')[2])
    local reset = oldest + window - now
    return {0, 0, reset}
  end
  local sequence = redis.call('INCR', log .. ':sequence')
  redis.call('ZADD', log, now, sequence)
  local keep = math.ceil(window / 1000) + 1000
  redis.call('PEXPIRE', log, keep)
  redis.call('PEXPIRE', log .. ':sequence', keep)
  local first = tonumber(redis.call('ZRANGE', log, 0, 0, 'WITHSCORES')[2])
  return {1, limit - used - 1, first + window - now}
end
"""
"""Times are microseconds; they stay below 2^53, so a double holds them exactly. The sequence tells two requests of
one microsecond apart."""

_CHARGE_ONLY: Final = _CHARGE + "return charge(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))"

_ADMIT: Final = (
    _CHARGE
    + """
local entry = redis.call('HMGET', KEYS[1], 'data', 'user_epoch', 'tenant_epoch', 'revoked')
if entry[4] == '1' then return {'revoked'} end
local user_epoch = redis.call('GET', KEYS[2]) or ''
local tenant_epoch = redis.call('GET', KEYS[3]) or ''
if not entry[1] or entry[2] ~= user_epoch or entry[3] ~= tenant_epoch then
  return {'reload', user_epoch, tenant_epoch}
end
if ARGV[1] == '' then return {'ok', entry[1]} end
local decision = charge(KEYS[4], tonumber(ARGV[1]), tonumber(ARGV[2]))
return {decision[1] == 1 and 'ok' or 'limited', entry[1], decision[1], decision[2], decision[3]}
"""
)

_STORE: Final = """
if redis.call('HGET', KEYS[1], 'revoked') == '1' then return 0 end
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[2] or (redis.call('GET', KEYS[3]) or '') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'data', ARGV[1], 'user_epoch', ARGV[2], 'tenant_epoch', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""

State = Literal["ok", "limited", "reload", "revoked"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the quota said. Times are seconds: until the oldest request leaves the window, until a place is free."""

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
    """What Valkey knows of a session: `data` when it is alive, else whether to reload it or that it is dead.

    `epochs` are those of the user and the tenant as read together with a missing entry; hand them to
    `store_session_entry` after reading the record from PostgreSQL.
    """

    state: State
    data: str | None = None
    decision: Decision | None = None
    epochs: tuple[str, str] = ("", "")


async def charge(cache: Cache, key: str, limit: int, *, window_seconds: float) -> Decision:
    """Take one request out of the quota `key`; raises `CacheError` when Valkey is away."""
    answer = await cache.script(_CHARGE_ONLY)(keys=[key], args=[limit, int(window_seconds * 1_000_000)])
    return _decision(limit, *answer)


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

    Without a `limit` nothing is charged. Raises `CacheError` when Valkey is away.
    """
    keys = [*_session_keys(tenant_id, session_id, user_id), quota_key or Cache.key(tenant_id, "quota")]
    budget = "" if limit is None else limit
    answer = await cache.script(_ADMIT)(keys=keys, args=[budget, int(window_seconds * 1_000_000)])
    state: State = answer[0]
    if state == "reload":
        return Admission("reload", epochs=(answer[1], answer[2]))
    if state == "revoked":
        return Admission("revoked")
    decision = _decision(limit or 0, *answer[2:]) if len(answer) > 2 else None
    return Admission(state, answer[1], decision)


async def check(cache: Cache, tenant_id: UUID, session_id: UUID, user_id: UUID) -> Admission:
    """Read the session's entry without charging anybody."""
    return await admit(cache, tenant_id, session_id, user_id, quota_key=None, limit=None)


async def store_session_entry(
    cache: Cache,
    tenant_id: UUID,
    session_id: UUID,
    user_id: UUID,
    *,
    data: str,
    epochs: tuple[str, str],
    ttl_seconds: int = 60,
) -> bool:
    """Keep the record read from PostgreSQL, unless rights changed since `epochs` were read; say whether it was kept.

    So a reload that races with a revocation never brings old rights back.
    """
    keys = _session_keys(tenant_id, session_id, user_id)
    return bool(await cache.script(_STORE)(keys=keys, args=[data, *epochs, ttl_seconds]))


async def mark_revoked(cache: Cache, tenant_id: UUID, session_id: UUID, *, ttl_seconds: int) -> None:
    """Mark the session dead for as long as any token may name it."""
    key = session_key(tenant_id, session_id)
    async with cache.client.pipeline(transaction=True) as pipe:
        pipe.hset(key, "revoked", "1")
        pipe.expire(key, ttl_seconds)
        await pipe.execute()


async def bump_epoch(cache: Cache, tenant_id: UUID, user_id: UUID | None = None) -> None:
    """Make every entry of the user, or of the whole tenant, stale at once.

    The value is random, not a counter: after a loss of Valkey a counter would come back to a value it had.
    """
    await cache.client.set(epoch_key(tenant_id, user_id), secrets.token_hex(8))


def session_key(tenant_id: UUID, session_id: UUID) -> str:
    """Name the entry of a session."""
    return Cache.key(tenant_id, "session", session_id)


def epoch_key(tenant_id: UUID, user_id: UUID | None = None) -> str:
    """Name the epoch of a user, or of the tenant."""
    return Cache.key(tenant_id, "epoch", "user", user_id) if user_id else Cache.key(tenant_id, "epoch", "tenant")


def _session_keys(tenant_id: UUID, session_id: UUID, user_id: UUID) -> list[str]:
    return [session_key(tenant_id, session_id), epoch_key(tenant_id, user_id), epoch_key(tenant_id)]


def _decision(limit: int, admitted: int, remaining: int, reset_microseconds: int) -> Decision:
    seconds = reset_microseconds / 1_000_000
    return Decision(bool(admitted), limit, remaining, seconds, 0 if admitted else seconds)
