"""The data folder: the files by which users and keeper find each other.

::

    engines.users      lock, shared: held by every process that uses the engines
    engines.keeper     lock, exclusive: held by the keeper as long as it lives
    engines.wanted     the engines that somebody asked for, one name a line
    engines.json       the URLs of the engines that run; removed before they stop
    engines.log        what the keeper did
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bizosaas_app.kernel.embedded import files

READY, BUSY = "ready", "busy"
"""What a new keeper tells whoever spawned it: the engines run, or another keeper is at work already.
Anything else that it says is the reason of its failure."""


@dataclass(frozen=True)
class DataFolder:
    """The folder of one set of engines; two folders share nothing."""

    path: Path

    @classmethod
    def prepare(cls, path: Path) -> DataFolder:
        """Make the folder if need be. Others may not list it; its files are for their owner alone."""
        folder = path.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            # PostgreSQL runs under another account then and has to pass through to its own folders.
            folder.chmod(folder.stat().st_mode | 0o011)
        return cls(folder)

    @property
    def users(self) -> Path:
        """The lock of the users."""
        return self.path / "engines.users"

    @property
    def keeper(self) -> Path:
        """The lock of the keeper."""
        return self.path / "engines.keeper"

    @property
    def log(self) -> Path:
        """The log of the keeper."""
        return self.path / "engines.log"

    def logs(self) -> list[Path]:
        """The logs of the keeper and of its engines."""
        return sorted(self.path.glob("*.log"))

    @property
    def _wanted(self) -> Path:
        return self.path / "engines.wanted"

    @property
    def _published(self) -> Path:
        return self.path / "engines.json"

    def want(self, names: Collection[str]) -> None:
        """Ask the keeper for engines."""
        missing = set(names) - self.wanted()
        if missing:
            descriptor = os.open(self._wanted, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write("".join(f"{name}\n" for name in sorted(missing)))

    def wanted(self) -> set[str]:
        """Give the engines that were asked for."""
        try:
            return set(self._wanted.read_text().split())
        except FileNotFoundError:
            return set()

    def publish(self, urls: Mapping[str, Mapping[str, str]]) -> None:
        """Tell the users the URLs of each running engine."""
        text = json.dumps({"keeper_pid": os.getpid(), "engines": urls})
        # The folder may have been deleted under us; the keeper notices and leaves.
        with suppress(FileNotFoundError):
            files.write_private(self._published, text)

    def published(self) -> dict[str, dict[str, str]]:
        """Give the URLs of each running engine as the keeper published them."""
        try:
            engines: dict[str, dict[str, str]] = json.loads(self._published.read_text())["engines"]
        except FileNotFoundError:
            return {}
        return engines

    def withdraw(self) -> None:
        """Take back what was published, before the engines stop."""
        self._published.unlink(missing_ok=True)

    def forget_wishes(self) -> None:
        """Forget which engines were asked for."""
        self._wanted.unlink(missing_ok=True)
