"""A real server of ours in a process of its own, on a loopback port, with a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

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
    """`make api` (or, with a front end, `make serve`) without make: started, awaited, killed, started again.

    One with the pages of another server builds none of its own.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        with_frontend: bool = False,
        pages_of: Server | None = None,
        port: int | None = None,
        workers: int = 1,
        **environment: str,
    ) -> None:
        self.port = port or free_port()
        self.data_dir = data_dir
        self.url = f"http://localhost:{self.port}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        # A build of its own: the folder of somebody who runs the application meanwhile stays as it is.
        self.web_dir = data_dir.parent / f"{data_dir.name}-web"
        self._with_frontend = with_frontend
        self._pages_of = pages_of
        self._environment = {"BIZOSAAS_WORKERS": str(workers), **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout_seconds: float = 240) -> Server:
        """Start it and wait until it is healthy; a server that dies instead says why."""
        if not self.data_dir.exists():
            seeded.put_into(self.data_dir, dict(self.environment()))
        if not self.web_dir.exists():
            self._prepare_pages()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + timeout_seconds
        while not self.is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.2)
        return self

    @contextmanager
    def another_worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Have `python -m bizosaas_app work` beside the running server for as long as the block runs."""
        command = [sys.executable, "-m", "bizosaas_app", "work"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**self.environment(), "BIZOSAAS_JOBS": "1"}, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def workers(self) -> list[psutil.Process]:
        """Give the processes that serve, without the one that watches over them."""
        assert self._process is not None
        return psutil.Process(self._process.pid).children()

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to end, and wait for it."""
        self._signal(signal.SIGINT)

    def retire(self) -> None:
        """Ask the server to end as a container is asked: SIGTERM to its first process alone; wait until it has."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(60)
        self._process = None

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

    def _prepare_pages(self) -> None:
        if self._pages_of is not None:
            self._take_pages(self._pages_of)
        elif self._with_frontend:
            self.build_pages()

    def _take_pages(self, builder: Server) -> None:
        """Copy the other server's build, with our address in place of its own.

        The compressed twins of the files that carry the address would still carry the old one.
        """
        unserved = shutil.ignore_patterns("node_modules", "public", "server")
        shutil.copytree(builder.web_dir, self.web_dir, ignore=unserved)
        old, new = f"localhost:{builder.port}".encode(), f"localhost:{self.port}".encode()
        for path in [*(self.web_dir / "build").rglob("*.html"), *(self.web_dir / "build").rglob("*.js")]:
            raw = path.read_bytes()
            if old in raw:
                path.write_bytes(raw.replace(old, new))
                for twin in (".gz", ".br"):
                    path.with_name(path.name + twin).unlink(missing_ok=True)

    def build_pages(self) -> None:
        """Build the front end for this server's address."""
        command = [str(BIN / "reflex"), "export", "--frontend-only", "--no-zip"]
        with self.log.open("ab") as log:
            environment = {**self.environment(), "BIZOSAAS_WORKERS": "1"}
            subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=True, timeout=600)

    def _command(self) -> list[str]:
        has_pages = self._with_frontend or self._pages_of is not None
        return [sys.executable, "-m", "bizosaas_app", "serve", *([] if has_pages else ["--api-only"])]

    def environment(self) -> Mapping[str, str]:
        """Give the variables that the server runs with."""
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
            "REFLEX_WEB_WORKDIR": str(self.web_dir),
            "PORT": str(self.port),
            "API_PORT": str(self.port),
            **self._environment,
        }
