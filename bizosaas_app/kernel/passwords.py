"""Password hashes: bcrypt in a small pool of threads that refuses work rather than let it pile up.

One hash takes some 280 ms of a core on purpose. Inline it would stop the event loop that serves everybody;
unbounded it would let a stranger queue minutes of work. So: as many threads as cores, a waiting room twice as
large, and beyond that `Unavailable` with the time after which a place should be free.
"""

from __future__ import annotations

import asyncio
import math
import os
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

import bcrypt

from bizosaas_app.kernel.errors import InputInvalid, Unavailable

T = TypeVar("T")

MAX_BYTES: Final = 72
"""bcrypt reads no further; a longer password is refused rather than cut off in silence."""

_WAITING_PER_THREAD: Final = 2
_FIRST_GUESS_SECONDS: Final = 0.3
"""Time of one hash before any has been measured."""


def encode(password: str, *, field: str = "password") -> bytes:
    """Give the bytes that are hashed (NFKC, so that one key press is one password on every keyboard).

    Raises `InputInvalid` for the field beyond 72 bytes, and for what is no text.
    """
    try:
        raw = unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:
        raise InputInvalid({field: "Use characters that can be typed"}) from None
    if len(raw) > MAX_BYTES:
        raise InputInvalid({field: f"Use at most {MAX_BYTES} bytes (about {MAX_BYTES} letters)"})
    return raw


class HashPool:
    """Bounded threads for bcrypt of one cost.

    `hashes` counts the hashes done for callers and `shed` the callers refused, both since the start.
    """

    def __init__(self, *, cost: int, threads: int | None = None) -> None:
        self._cost = cost
        self._threads = threads or os.cpu_count() or 1
        self._capacity = self._threads * (1 + _WAITING_PER_THREAD)
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="bcrypt")
        self._lock = threading.Lock()
        self._inside = 0
        self._seconds = _FIRST_GUESS_SECONDS
        self.hashes = 0
        self.shed = 0
        # A hash of nobody's password: unknown names cost the same work as known ones.
        self._nobody: Future[bytes] = self._executor.submit(
            bcrypt.hashpw, secrets.token_bytes(24), bcrypt.gensalt(cost)
        )

    async def hash(self, password: str) -> str:
        """Give the bcrypt hash; raises `InputInvalid` (too long) or `Unavailable` (pool full)."""
        raw = encode(password)
        return (await self._run(lambda: self._hash(raw))).decode()

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Say whether the password has this hash; without one the same work is done and the answer is no.

        Raises `InputInvalid` (too long) or `Unavailable` (pool full).
        """
        raw = encode(password)
        return await self._run(lambda: self._check(raw, hashed))

    def is_outdated(self, hashed: str) -> bool:
        """Say whether the hash was made with another cost than new ones are."""
        return not hashed.startswith(f"$2b${self._cost:02d}$")

    def _hash(self, raw: bytes) -> bytes:
        return self._timed(lambda: bcrypt.hashpw(raw, bcrypt.gensalt(self._cost)))

    def _check(self, raw: bytes, hashed: str | None) -> bool:
        stored = self._nobody.result() if hashed is None else hashed.encode()
        return self._timed(lambda: bcrypt.checkpw(raw, stored)) and hashed is not None

    def _timed(self, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        result = work()
        elapsed = time.perf_counter() - started
        with self._lock:
            self.hashes += 1
            self._seconds += 0.2 * (elapsed - self._seconds)
        return result

    async def _run(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self._inside >= self._capacity:
                self.shed += 1
                wait = math.ceil(self._seconds * self._inside / self._threads)
                raise Unavailable("Many people are signing in right now", retry_after_seconds=max(1, wait))
            self._inside += 1
        future = self._executor.submit(work)
        # Released when the thread is free: a caller who gives up in the middle of his hash does not stop it.
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def _release(self, _: Future[T]) -> None:
        with self._lock:
            self._inside -= 1

    def close(self) -> None:
        """Stop the threads once what runs has ended; what waits is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)
