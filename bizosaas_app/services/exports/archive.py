"""An archive that is written while it is sent: what was put into it can be taken away at once. Pure, and blocking."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO, cast


class Archive:
    """A ZIP of files, each written in one or more parts; nothing of it is kept but the list of its files."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._file = zipfile.ZipFile(cast("IO[bytes]", self._sink), "w", zipfile.ZIP_DEFLATED)
        self._entry: IO[bytes] | None = None
        self._name = ""

    def add_text(self, name: str, text: str) -> bytes:
        """Put a whole file in; give what is to be sent."""
        self._close_entry()
        self._file.writestr(name, text)
        return self._sink.take()

    def add_part(self, name: str, compressed: bytes) -> bytes:
        """Go on with the file of this name, or begin it, with what zlib has compressed; give what is to be sent."""
        if self._entry is None or name != self._name:
            self._close_entry()
            self._name, self._entry = name, self._file.open(name, "w", force_zip64=True)
        self._entry.write(zlib.decompress(compressed))
        return self._sink.take()

    def end(self) -> bytes:
        """Give the last of what is to be sent."""
        self._close_entry()
        self._file.close()
        return self._sink.take()

    def _close_entry(self) -> None:
        if self._entry is not None:
            self._entry.close()
            self._entry = None


class _Sink:
    """Where the archive writes to; it cannot be gone back in, so sizes are written behind each file."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken
