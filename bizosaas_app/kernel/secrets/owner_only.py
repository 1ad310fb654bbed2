"""Files that their owner alone can read: checked before use, written atomically, locked between processes."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bizosaas_app.kernel import file_locks
from bizosaas_app.kernel.secrets.source import SecretsUnavailable, SecretsUnsafe

_OTHERS: Final = 0o077
_LOCK_SECONDS: Final = 10.0
"""A write takes milliseconds; whoever holds the lock longer is stopped or hung."""


def make_folder(folder: Path) -> None:
    """Make the folder for its owner alone, or check that the existing one is.

    Raises SecretsUnsafe with the command that repairs it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check(folder, folder.stat(), wanted="700")


def read(path: Path) -> str | None:
    """Give the text of a file, or None when there is none.

    Raises SecretsUnsafe when it is a link, somebody else's, or open to others.
    """
    try:
        # NONBLOCK: a pipe planted under this name must be refused, not waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SecretsUnsafe(f"{path} is a link; put the file itself there") from None
        raise
    with os.fdopen(handle, encoding="utf-8") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise SecretsUnsafe(f"{path} is not a plain file")
        _check(path, status, wanted="600")
        return file.read()


def write(path: Path, text: str) -> None:
    """Replace a file in one step: a reader or a crash sees the old text or the new one, never a half.

    Call it while holding `locked`, which makes a temporary file found here a crashed writer's.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file against every other process and thread.

    Raises SecretsUnavailable after 10 s.
    """
    busy = SecretsUnavailable(f"another process holds {path}")
    with file_locks.alone(path, seconds=_LOCK_SECONDS, busy=busy):
        yield


def _check(path: Path, status: os.stat_result, *, wanted: str) -> None:
    if status.st_uid != os.geteuid():
        raise SecretsUnsafe(
            f"{path} belongs to user {status.st_uid}, not to user {os.geteuid()} of this process;"
            f" run: chown {os.geteuid()} '{path}'"
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & _OTHERS:
        raise SecretsUnsafe(f"{path} is open to others (mode {mode:04o}); run: chmod {wanted} '{path}'")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)  # without it a power cut may undo the rename
    finally:
        os.close(handle)
