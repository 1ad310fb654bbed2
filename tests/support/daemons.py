"""Programs of others that serve on loopback for as long as a test needs them."""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

PATIENCE_SECONDS = 60


class Daemon(ABC):
    """One such program, with a log of its own."""

    def __init__(self, name: str, log: Path) -> None:
        self.log = log
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def is_ready(self) -> bool:
        """Say whether it serves."""

    def run(self, command: Sequence[str | Path]) -> None:
        """Start it and wait until it is ready; one that is not in time says why."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self._name} did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
