"""Files and folders that only their owner may read, and short paths for Unix sockets."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from bizosaas_app.kernel.embedded.accounts import Account
from bizosaas_app.kernel.embedded.errors import EngineFailed

SOCKET_PATH_BYTES = 103
"""Longest path of a Unix socket: `sun_path` has 104 bytes on macOS (108 on Linux), one of them the NUL."""

LOG_BYTES = 5_000_000
"""A log longer than this is set aside (one old copy is kept) when its engine starts."""


def write_private(path: Path, text: str, *, account: Account | None = None) -> None:
    """Replace a file at once by one that only its owner (us, or `account`) can read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
        if account:
            os.fchown(descriptor, account.uid, account.gid)
    draft.replace(path)


def make_private_folder(folder: Path, *, account: Account | None = None) -> None:
    """Make a folder that only its owner (us, or `account`) may enter.

    A folder that is there already must be ours: in the shared temporary folder anybody could have
    put one in our way. Raises `EngineFailed` otherwise.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    owners = {os.geteuid(), account.uid if account else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise EngineFailed(f"{folder} belongs to somebody else; remove it and start again.")
    folder.chmod(0o700)
    if account:
        os.chown(folder, account.uid, account.gid)


def socket_folder(preferred: Path, socket_name: str) -> Path:
    """Give the folder for a socket: `preferred`, or one of its own elsewhere when that path cannot serve.

    Too long is what the system cannot take; a comma separates hosts in PostgreSQL's URLs. The other
    one lies in the temporary folder and is named by a hash of `preferred`, so that it is the same for
    every process and two data folders never meet.
    """
    name = f"bizosaas-{hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]}"
    for folder in (preferred, Path(tempfile.gettempdir()) / name):
        if len(os.fsencode(folder / socket_name)) <= SOCKET_PATH_BYTES and "," not in str(folder):
            return folder
    # The temporary folder is no better itself; the folder made here is private and checked.
    return Path("/tmp") / name  # noqa: S108


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, after a rename that must not be lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_log(path: Path) -> int:
    """Open a log for appending (owner only) and give its descriptor; an overlong one is set aside first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
