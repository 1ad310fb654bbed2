"""A benchmark's own application in a process of its own, served as Reflex serves ours: Granian, one worker.

`python -m bench.serving <module>:<factory> <port>` is what `Serving` runs.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Granian

from tests.support.servers import free_port

ROOT: Final = Path(__file__).resolve().parents[1]
_START_SECONDS: Final = 120.0
_FOREIGN: Final = ("BIZOSAAS_", "DATABASE_", "REDIS_", "VAULT_", "REFLEX_", "LLM_")
"""Variables that would change what is measured; a benchmark names its own."""


class Serving:
    """A context manager: the application runs inside the block, and is stopped by its process id after it."""

    def __init__(self, target: str, log: Path, **environment: str) -> None:
        self.port = free_port()
        self._target = target
        self._log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Serving:
        """Start it and wait until it accepts connections; raises `RuntimeError` with its log when it does not."""
        command = [sys.executable, "-m", "bench.serving", self._target, str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._env(), stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise RuntimeError(f"{self._target} did not start:\n{self._log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._stop()

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(15)

    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        own = {"API_PORT": str(self.port), "PORT": str(self.port), "BIZOSAAS_DEMO": "0"}
        quiet = {"REFLEX_TELEMETRY_ENABLED": "false", "REFLEX_CHECK_LATEST_VERSION": "0"}
        return {**kept, **own, **quiet, **self._environment}


def main() -> None:
    """Serve until interrupted; the options are Reflex's own for production."""
    target, port = sys.argv[1:]
    Granian(
        target=target,
        factory=True,
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        workers=1,
    ).serve()


if __name__ == "__main__":
    main()
