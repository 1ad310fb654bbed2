"""Copies of the database that exist for as long as a command runs, and the end of those that a killed one has left.

A command holds a lock on its own; the kernel lets go of it however the command ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal, get_args

from bizosaas_app.kernel.log import get_logger

_log = get_logger(__name__)

Purpose = Literal["load", "verify"]

DRAFT: Final = ".part"
"""How the name of a dump ends that is being written."""
_YOUNG_SECONDS: Final = 3600.0
"""What was made a moment ago may not be locked yet."""


@contextmanager
def folder(purpose: Purpose) -> Iterator[Path]:
    """Give an empty folder where temporary files go (`TMPDIR`), deleted after the block, and delete abandoned ones."""
    sweep_folders()
    root = Path(tempfile.mkdtemp(prefix=_prefix(purpose)))
    try:
        with held(root):
            yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file or folder of this command's, so that no other takes it for abandoned."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # where there are no locks, nobody gets the one that sweeping needs
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def sweep_folders() -> None:
    """Delete the folders that killed commands have left where temporary files go."""
    root = Path(tempfile.gettempdir())
    for purpose in get_args(Purpose):
        _sweep(root, f"{_prefix(purpose)}*")


def sweep_drafts(backup_dir: Path) -> None:
    """Delete the unfinished dumps that killed commands have left there."""
    _sweep(backup_dir, f"bizosaas-*{DRAFT}")


def _prefix(purpose: str) -> str:
    return f"bizosaas-{purpose}-"


def _sweep(root: Path, pattern: str) -> None:
    for path in root.glob(pattern):
        with suppress(OSError):  # another command was quicker, or works with it
            _delete_abandoned(path)


def _delete_abandoned(path: Path) -> None:
    """Delete what is ours, no longer new and locked by nobody; raises `OSError` while somebody holds it."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid() or time.time() - found.st_mtime < _YOUNG_SECONDS:
            return
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        _log.warning("abandoned_copy_deleted", path=str(path))
    finally:
        os.close(handle)
