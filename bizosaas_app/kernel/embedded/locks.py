"""Advisory file locks. The kernel drops them when their process dies, however it dies.

`flock` and not `lockf`: a lock of the latter is lost as soon as any descriptor of the file is closed.
Descriptors are closed on exec, so no engine ever inherits one.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from bizosaas_app.kernel.embedded.errors import EngineFailed

POLL_SECONDS = 0.05


def open_lock(path: Path) -> int:
    """Open a lock file (owner only), without locking it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def hold_shared(path: Path, timeout_seconds: float) -> int:
    """Lock the file together with others and give the descriptor that holds the lock.

    Raises `EngineFailed` when somebody holds it alone for longer than the time.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        descriptor = open_lock(path)
        # A file that was removed while we opened it is a lock that nobody else will ever see.
        if _try(descriptor, fcntl.LOCK_SH) and is_at(descriptor, path):
            return descriptor
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise EngineFailed(f"The engines are being stopped and did not finish in time ({path}).")
        time.sleep(POLL_SECONDS)


def try_exclusive(descriptor: int) -> bool:
    """Lock the file alone, if nobody else holds it."""
    return _try(descriptor, fcntl.LOCK_EX)


def unlock(descriptor: int) -> None:
    """Give the lock back and keep the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_taken(path: Path) -> bool:
    """Tell whether somebody holds the file alone."""
    descriptor = open_lock(path)
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def is_at(descriptor: int, path: Path) -> bool:
    """Tell whether the path still names the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
