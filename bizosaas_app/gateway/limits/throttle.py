"""The throttle of sign-in and what is like it: delays that grow, never a lock that a stranger can trigger.

Each attempt is counted *before* the work is done, in one atomic script, and taken back when it succeeds: thirty
parallel guesses count thirty times. Three buckets count it:

- the *pair*: this account from this address, or from a device that has signed in to it before;
- the *address*: everything that comes from there, whatever the account;
- the *account*: everything that is tried on it, from anywhere. A known device is not asked for this one, so a
  stranger's attack never keeps the owner out.

A bucket's level rises by one an attempt and leaks with time. Below its free number it delays nothing; from there
on each attempt must wait twice as long after the last one as the one before, up to a quarter of an hour.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.errors import LimitReached

LONGEST_DELAY_SECONDS: Final = 900
"""Keycloak's cap (a quarter of an hour); longer would be a lock."""
KNOWN_DEVICE_SECONDS: Final = 90 * 86_400


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many attempts are free, and how many seconds take one attempt off the level."""

    free: int
    leak_seconds: int


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """The buckets of one kind of attempt."""

    name: str
    pair: Bucket
    address: Bucket
    account: Bucket


LOGIN: Final = ThrottlePolicy("login", pair=Bucket(5, 600), address=Bucket(30, 30), account=Bucket(50, 18))
"""Five guesses are a forgetful person (OWASP); thirty in a quarter of an hour from one address are an office on
Monday; fifty on one account from many addresses are an attack."""
REFRESH: Final = ThrottlePolicy("refresh", pair=Bucket(120, 5), address=Bucket(600, 1), account=Bucket(240, 3))
"""Refreshing needs a token that cannot be guessed; this only bounds the work that a broken client causes."""
MAIL: Final = ThrottlePolicy("mail", pair=Bucket(3, 1200), address=Bucket(10, 360), account=Bucket(5, 1200))
"""Calls that send a mail: a stranger must not fill anybody's inbox."""
REGISTER: Final = ThrottlePolicy("register", pair=Bucket(5, 600), address=Bucket(20, 180), account=Bucket(10, 600))

_RESERVE: Final = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local longest = tonumber(ARGV[1])
local levels, wait = {}, 0
for i, key in ipairs(KEYS) do
  local free, leak = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local seen = redis.call('HMGET', key, 'level', 'at')
  local level, at = tonumber(seen[1] or '0'), tonumber(seen[2] or '0')
  level = math.max(0, level - (now - at) / leak)
  levels[i] = level
  local over = math.ceil(level) - free
  if over >= 0 then
    wait = math.max(wait, at + math.min(longest, 2 ^ (over + 1)) - now)
  end
end
if wait > 0 then return {0, tostring(wait)} end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'level', levels[i] + 1, 'at', now)
  redis.call('EXPIRE', key, math.ceil((levels[i] + 1) * tonumber(ARGV[2 * i + 1])) + longest)
end
return {1, '0'}
"""

_RELEASE: Final = """
for i, key in ipairs(KEYS) do
  local level = tonumber(redis.call('HGET', key, 'level') or '0')
  if i == 1 or level <= 1 then redis.call('DEL', key) else redis.call('HSET', key, 'level', level - 1) end
end
"""


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that was let through and counted; hand it to `succeed`, or leave it counted."""

    keys: tuple[str, ...]
    device_key: str | None


async def reserve(
    cache: Cache, policy: ThrottlePolicy, *, account: str, address: str, device: str | None = None
) -> Reservation:
    """Count one attempt and let it through, or raise `LimitReached` with the time to wait in seconds.

    `account` is whatever names it, known to us or not; `device` the identifier of a signed device cookie. Only
    digests of them reach Valkey. Raises `CacheError` when Valkey is away.
    """
    device_key = _key(policy, "device", account, device) if device else None
    is_known = device_key is not None and bool(await cache.client.exists(device_key))
    buckets = [
        (_key(policy, "pair", account, device_key if is_known else address), policy.pair),
        (_key(policy, "address", address), policy.address),
    ]
    if not is_known:
        buckets.append((_key(policy, "account", account), policy.account))
    limits = [value for _, bucket in buckets for value in (bucket.free, bucket.leak_seconds)]
    keys = [key for key, _ in buckets]
    is_admitted, wait = await cache.script(_RESERVE)(keys=keys, args=[LONGEST_DELAY_SECONDS, *limits])
    if not is_admitted:
        raise LimitReached(
            "Too many attempts. Please wait a moment before you try again.",
            resets_in_seconds=float(wait),
            code="too_many_attempts",
        )
    return Reservation(tuple(keys), device_key)


async def succeed(cache: Cache, reservation: Reservation) -> None:
    """Take the attempt back, clear the pair, and remember the device as one of the account's own."""
    await cache.script(_RELEASE)(keys=list(reservation.keys), args=[])
    if reservation.device_key is not None:
        await cache.client.set(reservation.device_key, "1", ex=KNOWN_DEVICE_SECONDS)


def _key(policy: ThrottlePolicy, kind: str, *parts: str | None) -> str:
    return f"bz:{{throttle}}:{policy.name}:{kind}:{_digest(parts)}"


def _digest(parts: Sequence[str | None]) -> str:
    text = "\0".join(part or "" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
