"""The throttle of sign-in and what is like it: delays that grow, never a lock that a stranger can trigger.

An attempt is counted as failed *before* the work is done, in one atomic script, and taken back when it succeeds:
thirty parallel guesses count thirty times, and an attempt whose outcome never arrives (a crash, a caller who hangs
up) stays counted until its bucket forgets. Nothing is to be called when an attempt fails.

A device that has signed in to the account before is counted on its own, apart from its address and from what
strangers do (OWASP's "device cookies"): an attack never keeps the owner out. Whoever stole the device's cookie still
meets the delays of the pair.

Names reach Valkey as keyed digests only. Everything here raises `CacheError` when Valkey is away.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.limits import scripts
from bizosaas_app.gateway.limits.policies import (
    APPROVAL,
    LOGIN,
    MAIL,
    REFRESH,
    REGISTER,
    UNSUBSCRIBE,
    Bucket,
    ThrottlePolicy,
)
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.errors import LimitReached

__all__ = [
    "APPROVAL",
    "LOGIN",
    "MAIL",
    "REFRESH",
    "REGISTER",
    "UNSUBSCRIBE",
    "Bucket",
    "Reservation",
    "ThrottlePolicy",
    "is_first_refusal",
    "release",
    "reserve",
    "succeed",
]

DEVICE_SECONDS: Final = 90 * 86_400
"""How long a device stays known after it last signed in: a quarter, so that monthly visitors are not strangers."""

REFUSAL_SECONDS: Final = 900
"""How often refusals are worth a line in the log: as often as the longest delay ends."""

_RESERVE: Final = scripts.load("reserve")
_TAKE_BACK: Final = scripts.load("take_back")


@dataclass(frozen=True, slots=True)
class Names:
    """The keys of one attempt in Valkey, made of digests of who attempts it."""

    policy: str
    account: str
    pepper: bytes

    def key(self, kind: str, *parts: str) -> str:
        """Name a key; the common hash tag lets one script touch them all, on a cluster too."""
        digest = hmac.new(self.pepper, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
        return f"bz:{{throttle}}:{self.policy}:{kind}:{digest}"

    def device(self, device: str) -> str:
        """Name the memory that this device has signed in to the account."""
        return self.key("device", self.account, device)


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that was let through and counted: hand it to `succeed` or `release`, or leave it counted."""

    names: Names
    keys: tuple[str, ...]
    before: tuple[str, ...]
    """The moment of the attempt, then each bucket's last failure and time of forgetting as they were before."""
    device: str | None


async def reserve(
    cache: Cache, policy: ThrottlePolicy, *, account: str, address: str, device: str | None = None, pepper: bytes
) -> Reservation:
    """Count one attempt and let it through, or raise `LimitReached` with the time to wait in seconds.

    `account` is whatever names it in one spelling, known to us or not. `address` is the bucket of the network
    address. `device` must be a secret of ours that the device keeps: what a client may choose freely would let
    anybody pass for a known device. A new device may be named as well: a success makes it known.
    """
    names = Names(policy.name, account, pepper)
    buckets = await _buckets(cache, policy, names, address, device)
    rules = [rule for bucket in buckets.values() for rule in _rules(bucket)]
    wait, *before = await cache.script(_RESERVE)(keys=list(buckets), args=rules)
    if wait:
        metrics.LIMITED.labels(policy.name).inc()
        raise LimitReached(
            "Too many attempts. Please wait a moment before you try again.",
            resets_in_seconds=wait / scripts.MICROSECONDS,
            code="too_many_attempts",
        )
    return Reservation(names, tuple(buckets), tuple(before), device)


async def is_first_refusal(cache: Cache, policy: ThrottlePolicy, *, account: str, address: str, pepper: bytes) -> bool:
    """Say whether this is the first call for this account and address within `REFUSAL_SECONDS`."""
    key = Names(policy.name, account, pepper).key("refused", account, address)
    return bool(await cache.client.set(key, "1", nx=True, ex=REFUSAL_SECONDS))


async def succeed(cache: Cache, reservation: Reservation) -> None:
    """Take the attempt back, clear the pair, and remember the device as one of the account's own."""
    await _take_back(cache, reservation, is_cleared=True)
    if reservation.device is not None:
        await cache.client.set(reservation.names.device(reservation.device), "1", ex=DEVICE_SECONDS)


async def release(cache: Cache, reservation: Reservation) -> None:
    """Take the attempt back because we could not serve it (overload): it was neither right nor wrong."""
    await _take_back(cache, reservation, is_cleared=False)


async def _buckets(
    cache: Cache, policy: ThrottlePolicy, names: Names, address: str, device: str | None
) -> dict[str, Bucket]:
    """Give the buckets that count this attempt, the pair first."""
    if device is not None and await cache.client.exists(names.device(device)):
        return {names.key("pair", names.account, "device", device): policy.pair}
    return {
        names.key("pair", names.account, "address", address): policy.pair,
        names.key("address", address): policy.address,
        names.key("account", names.account): policy.account,
    }


def _rules(bucket: Bucket) -> tuple[int, ...]:
    """Give the numbers of a bucket as `lua/reserve.lua` reads them."""
    times = (
        bucket.first_delay_seconds,
        bucket.longest_delay_seconds,
        bucket.window_seconds,
        bucket.memory_seconds,
    )
    return (bucket.free, *map(scripts.microseconds, times))


async def _take_back(cache: Cache, reservation: Reservation, *, is_cleared: bool) -> None:
    arguments: list[str | int] = [int(is_cleared), *reservation.before]
    await cache.script(_TAKE_BACK)(keys=list(reservation.keys), args=arguments)
