"""The time zones that this machine knows."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def names() -> frozenset[str]:
    """Give their IANA names, read once: to find them opens six hundred files, and a server's loop waits meanwhile."""
    return frozenset(available_timezones())
