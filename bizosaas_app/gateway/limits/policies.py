"""How often each kind of attempt may fail: data for `throttle.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What one bucket bears; times are seconds.

    The first `free` failures within `window_seconds` of the first of them cost nothing. After that each attempt
    waits: `first_delay_seconds`, then twice as long each time, never over `longest_delay_seconds`. All is forgotten
    when nothing was let through for `memory_seconds`.
    """

    free: int
    window_seconds: int
    memory_seconds: int
    first_delay_seconds: float = 2
    longest_delay_seconds: float = 15 * _MINUTE
    """Keycloak's cap as well (900 s); longer would be a lock in all but name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottlePolicy:
    """The buckets of one kind of attempt.

    `pair` counts this account from this address, or from a device that has signed in to it before; `address` all
    that comes from there; `account` all that is tried on it, from anywhere.
    """

    name: str
    pair: Bucket
    address: Bucket
    account: Bucket


LOGIN: Final = ThrottlePolicy(
    name="login",
    pair=Bucket(free=5, window_seconds=_HOUR, memory_seconds=12 * _HOUR),
    address=Bucket(free=30, window_seconds=15 * _MINUTE, memory_seconds=_HOUR),
    account=Bucket(free=50, window_seconds=12 * _HOUR, memory_seconds=12 * _HOUR),
)
"""Five wrong passwords are a forgetful person, and twelve hours are Keycloak's time to forget. Thirty from one
address in a quarter of an hour are an office on Monday. Fifty on one account in twelve hours keep guesses from a
thousand addresses together at some hundred a day, the most that NIST SP 800-63B allows an account."""

REFRESH: Final = ThrottlePolicy(
    name="refresh",
    pair=Bucket(free=120, window_seconds=10 * _MINUTE, memory_seconds=10 * _MINUTE),
    address=Bucket(free=600, window_seconds=10 * _MINUTE, memory_seconds=10 * _MINUTE),
    account=Bucket(free=240, window_seconds=10 * _MINUTE, memory_seconds=10 * _MINUTE),
)
"""A refresh token cannot be guessed: this only bounds the work that a broken client causes. Fifty tabs that wake up
together pass twice over."""

MAIL: Final = ThrottlePolicy(
    name="mail",
    pair=Bucket(free=3, window_seconds=_HOUR, memory_seconds=_HOUR),
    address=Bucket(free=10, window_seconds=_HOUR, memory_seconds=_HOUR),
    account=Bucket(free=5, window_seconds=_HOUR, memory_seconds=_HOUR),
)
"""Calls that send a mail: a stranger must not fill anybody's inbox."""

REGISTER: Final = ThrottlePolicy(
    name="register",
    pair=Bucket(free=5, window_seconds=_HOUR, memory_seconds=_HOUR),
    address=Bucket(free=20, window_seconds=_HOUR, memory_seconds=_HOUR),
    account=Bucket(free=10, window_seconds=_HOUR, memory_seconds=_HOUR),
)
"""An invitation is used once; twenty new members from one address in an hour are a class-room."""

UNSUBSCRIBE: Final = ThrottlePolicy(
    name="unsubscribe",
    pair=Bucket(free=30, window_seconds=_HOUR, memory_seconds=_HOUR),
    address=Bucket(free=600, window_seconds=10 * _MINUTE, memory_seconds=10 * _MINUTE),
    account=Bucket(free=60, window_seconds=_HOUR, memory_seconds=_HOUR),
)
"""A mail's link cannot be guessed, and mail providers press it for many of their people from one address."""

APPROVAL: Final = ThrottlePolicy(
    name="approval",
    pair=Bucket(free=10, window_seconds=_HOUR, memory_seconds=_HOUR),
    address=Bucket(free=60, window_seconds=_HOUR, memory_seconds=_HOUR),
    account=Bucket(free=20, window_seconds=_HOUR, memory_seconds=_HOUR),
)
"""A client answers a link once; a comment that lacks or posts that changed meanwhile make it a few times."""
