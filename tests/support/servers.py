"""A real server of ours in a process of its own, on a loopback port, with a data folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.support import seeded

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`make api` (or, with a front end, `make serve`) without make: started, awaited, killed, started again."""

    def __init__(self, data_dir: Path, *, with_frontend: bool = False, workers: int = 1, **environment: str) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self.url = f"http://localhost:{self.port}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._with_frontend = with_frontend
        self._environment = {"BIZOSAAS_WORKERS": str(workers), "GRANIAN_WORKERS": str(workers), **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout_seconds: float = 240) -> Server:
        """Start it and wait until it is healthy; a server that dies instead says why."""
        if not self.data_dir.exists():
            seeded.put_into(self.data_dir, dict(self._env()))
        extra = ["--frontend-port", str(self.port)] if self._with_frontend else ["--backend-only"]
        command = [str(BIN / "reflex"), "run", "--env", "prod", "--backend-port", str(self.port), *extra]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._env(), stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + timeout_seconds
        while not self.is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.2)
        return self

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to end, and wait for it."""
        self._signal(signal.SIGINT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(15)
        self._process = None

    def _env(self) -> Mapping[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BIZOSAAS_", "DATABASE_", "REDIS_", "VAULT_", "REFLEX_", "PYTEST_", "LLM_"))
        }
        return {
            **kept,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "REFLEX_USE_SYSTEM_BUN": "1",
            "REFLEX_TELEMETRY_ENABLED": "false",
            "REFLEX_CHECK_LATEST_VERSION": "0",
            "BIZOSAAS_DATA_DIR": str(self.data_dir),
            "BIZOSAAS_PUBLIC_URL": self.url,
            "BIZOSAAS_ONE_PORT": "1",
            # A build of its own: the folder of somebody who runs the application meanwhile stays as it is.
            "REFLEX_WEB_WORKDIR": str(self.data_dir.parent / f"{self.data_dir.name}-web"),
            "PORT": str(self.port),
            "API_PORT": str(self.port),
            **self._environment,
        }
