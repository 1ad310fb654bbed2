"""The system account of PostgreSQL when we run as root, which PostgreSQL itself refuses.

Nothing here acts unless the effective user is root. The account may be new to this machine and must
reach the binaries and the data folder through folders that are perhaps closed (`/root` is 0700). We
do not open those to everybody: one entry of the folder's access list lets this account, and nobody
else, pass through. Where the file system has no access lists we say so instead of loosening a mode
that is not ours.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bizosaas_app.kernel.embedded.errors import EngineFailed

ACCOUNT_NAME = "bizosaas_postgres"
ATTEMPTS = 20
"""`useradd` gives up when another one holds the password file; instances started together meet there."""

ACL_NAME = "system.posix_acl_access"
ACL_VERSION = 2
ACL_USER, ACL_GROUP_OBJ, ACL_GROUP, ACL_MASK = 0x02, 0x04, 0x08, 0x10
ACL_USER_OBJ, ACL_OTHER = 0x01, 0x20
NO_ID = 0xFFFFFFFF
SEARCH = 1


@dataclass(frozen=True)
class Account:
    """A system account by its numbers."""

    uid: int
    gid: int


@dataclass(frozen=True, order=True)
class AccessEntry:
    """One entry of a POSIX access list; sorts as the kernel wants it."""

    tag: int
    id: int
    permissions: int


def server_account() -> Account | None:
    """Give the account that PostgreSQL runs as, or None when it may run as we do.

    Makes the account when it is missing. Raises `EngineFailed` when that is not possible.
    """
    if os.geteuid() != 0:
        return None
    for _ in range(ATTEMPTS):
        try:
            entry = pwd.getpwnam(ACCOUNT_NAME)
        except KeyError:
            _add_account()
        else:
            return Account(entry.pw_uid, entry.pw_gid)
    raise EngineFailed(
        f"PostgreSQL does not run as root and the system account {ACCOUNT_NAME} could not be made. "
        "Run as an ordinary user, or set DATABASE_URL and DATABASE_ADMIN_URL."
    )


def let_through(path: Path, account: Account) -> None:
    """Let the account pass through every folder above `path`. Raises `EngineFailed` when it cannot."""
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            _let_search(folder, account)


def let_read(tree: Path, account: Account) -> None:
    """Let the account use the program files under `tree`, which a strict umask may have closed."""
    let_through(tree, account)
    if tree.stat().st_mode & stat.S_IXOTH:
        return
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _add_account() -> None:
    command = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
    if command is None:
        raise EngineFailed(
            "PostgreSQL does not run as root, and this system has no useradd to make an account for it. "
            f"Make {ACCOUNT_NAME}, run as an ordinary user, or set DATABASE_URL and DATABASE_ADMIN_URL."
        )
    arguments = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    if subprocess.run([command, *arguments], capture_output=True, check=False).returncode != 0:  # noqa: S603 - fixed words
        time.sleep(0.1)


def _let_search(folder: Path, account: Account) -> None:
    entries = _with_search(_access_list(folder), account.uid)
    packed = struct.pack("<I", ACL_VERSION) + b"".join(
        struct.pack("<HHI", entry.tag, entry.permissions, entry.id) for entry in sorted(entries)
    )
    try:
        if sys.platform == "linux":
            os.setxattr(folder, ACL_NAME, packed)
            return
    except OSError:
        pass
    raise EngineFailed(
        f"PostgreSQL does not run as root but as {ACCOUNT_NAME}, which may not pass through {folder}. "
        "Move the project (and BIZOSAAS_DATA_DIR) to an open folder, run as an ordinary user, "
        f"or allow it with: chmod o+x {folder}"
    )


def _with_search(entries: list[AccessEntry], uid: int) -> list[AccessEntry]:
    """Add the right to search for `uid` and leave the effective rights of all others as they are.

    The mask limits every named user and group. It has to grow by one bit here, so each of the others
    is first cut to what the old mask let through.
    """
    limited = (ACL_USER, ACL_GROUP_OBJ, ACL_GROUP)
    mask = next((entry.permissions for entry in entries if entry.tag == ACL_MASK), 0o7)
    kept = [
        replace(entry, permissions=entry.permissions & mask) if entry.tag in limited else entry
        for entry in entries
        if entry.tag != ACL_MASK and (entry.tag, entry.id) != (ACL_USER, uid)
    ]
    kept.append(AccessEntry(ACL_USER, uid, SEARCH))
    new_mask = 0
    for entry in kept:
        new_mask |= entry.permissions if entry.tag in limited else 0
    return [*kept, AccessEntry(ACL_MASK, NO_ID, new_mask)]


def _access_list(folder: Path) -> list[AccessEntry]:
    """Read the folder's access list; one that has none gets the list that says what its mode says."""
    if sys.platform == "linux":
        try:
            packed = os.getxattr(folder, ACL_NAME)
        except OSError:
            packed = b""
        if packed:
            entries = struct.iter_unpack("<HHI", packed[4:])
            return [AccessEntry(tag, id_, permissions) for tag, permissions, id_ in entries]
    mode = folder.stat().st_mode
    return [
        AccessEntry(ACL_USER_OBJ, NO_ID, mode >> 6 & 0o7),
        AccessEntry(ACL_GROUP_OBJ, NO_ID, mode >> 3 & 0o7),
        AccessEntry(ACL_OTHER, NO_ID, mode & 0o7),
    ]
