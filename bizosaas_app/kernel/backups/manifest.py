"""The manifest: what a dump says of itself.

It stands behind the dump in the same file, so that neither travels without the other; `pg_restore` reads a dump by
its own table of contents and does not mind what follows::

    the dump | the manifest as JSON | its length, 8 bytes, big-endian | BZMANIF1
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from bizosaas_app.kernel.backups.counting import Contents
from bizosaas_app.kernel.backups.keys import KeyNames
from bizosaas_app.kernel.errors import Conflict, NotFound

_MARK: Final = b"BZMANIF1"
_TAIL: Final = 8 + len(_MARK)
_CHUNK: Final = 1024 * 1024
_LONGEST: Final = 64 * 1024 * 1024
"""A manifest has a line for each table and each secret; a longer one is none."""


class DumpUnreadable(Conflict):
    """The file is not what was written: cut off, changed, or no dump of ours."""

    code = "dump_unreadable"
    title = "This dump cannot be trusted"


@dataclass(frozen=True, slots=True)
class Manifest:
    """When and from which schema a dump was made, what it holds, and the digest of its bytes."""

    taken_at: str
    revision: str | None
    sha256: str
    contents: Contents
    keys: KeyNames | None
    """The secrets that the database needs beside it; None when their store was away."""


def append(dump: Path, manifest: Manifest) -> None:
    """Write the manifest behind the dump, and all of it to the disk."""
    text = json.dumps(asdict(manifest), sort_keys=True).encode()
    with dump.open("ab") as file:
        file.write(text + len(text).to_bytes(8, "big") + _MARK)
        file.flush()
        os.fsync(file.fileno())


def read(dump: Path) -> Manifest:
    """Give the manifest of a dump whose bytes are those that it was written for.

    Raises `NotFound` without the file, `DumpUnreadable` when it has no manifest or is not whole.
    """
    if not dump.is_file():
        raise NotFound(f"There is no file {dump}")
    with dump.open("rb") as file:
        end, text = _split(file, dump)
        manifest = _parse(text, dump)
        file.seek(0)
        if _digest(file, end) != manifest.sha256:
            raise DumpUnreadable(f"The check of {dump} failed: its bytes are not those that were written")
    return manifest


def digest(dump: Path) -> str:
    """Give the SHA-256 of a dump that has no manifest yet."""
    with dump.open("rb") as file:
        return _digest(file, dump.stat().st_size)


def _split(file: BinaryIO, dump: Path) -> tuple[int, bytes]:
    """Give where the dump ends, and the manifest's text."""
    absent = DumpUnreadable(
        f"The check of {dump} failed: it has no manifest at its end, so it is cut off or was made by an older version"
    )
    size = file.seek(0, os.SEEK_END)
    if size < _TAIL:
        raise absent
    file.seek(size - _TAIL)
    tail = file.read(_TAIL)
    length = int.from_bytes(tail[:8], "big")
    end = size - _TAIL - length
    if tail[8:] != _MARK or length > _LONGEST or end < 0:
        raise absent
    file.seek(end)
    return end, file.read(length)


def _parse(text: bytes, dump: Path) -> Manifest:
    try:
        values: dict[str, Any] = json.loads(text)
        return Manifest(**{**values, "contents": Contents(**values["contents"])})
    except (ValueError, KeyError, TypeError):
        raise DumpUnreadable(f"The check of {dump} failed: its manifest cannot be read") from None


def _digest(file: BinaryIO, length: int) -> str:
    found = hashlib.sha256()
    while length > 0:
        part = file.read(min(_CHUNK, length))
        if not part:
            break
        found.update(part)
        length -= len(part)
    return found.hexdigest()
