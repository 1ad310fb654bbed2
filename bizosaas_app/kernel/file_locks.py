"""Files that one process or thread holds alone for a moment; the kernel lets go of them however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PAUSE_SECONDS: Final = 0.01


@contextmanager
def alone(path: Path, *, seconds: float, busy: Exception) -> Iterator[None]:
    """Hold the lock file (made for its owner only) against everybody else.

    Raises `busy` when somebody else has held it for so many seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _try(handle):
            if time.monotonic() > deadline:
                raise busy
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)  # closing would not let it go while a child that was forked has it open too
        os.close(handle)


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
