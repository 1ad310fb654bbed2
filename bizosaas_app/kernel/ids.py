"""Identifiers: time-ordered UUIDs, so that new rows land at the end of their indexes."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Give a UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | random & (2**62 - 1)
    return UUID(int=value)
