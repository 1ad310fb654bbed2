"""Real systems to connect, each in an environment of its own (`tests/upstreams/<name>.txt`, made by `make`)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.servers import ROOT

FOLDER = ROOT / ".tools" / "upstreams"


@dataclass(frozen=True)
class Program:
    """A system's environment, the folder that it works in, and what it is told by the environment's variables."""

    name: str
    folder: Path
    variables: Mapping[str, str]

    def run(self, *command: str, timeout_seconds: float = 400, given: str | None = None) -> str:
        """Run one of its programs to the end and give what it printed; one that fails says why."""
        done = subprocess.run(
            self._command(command),
            cwd=self.folder,
            env=self._env(),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_seconds,
        )
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-4000:])
        return done.stdout

    @contextmanager
    def serving(self, *command: str, url: str, timeout_seconds: float = 180) -> Iterator[subprocess.Popen[bytes]]:
        """Have it serve for as long as the block runs; any answer at `url` tells that it does."""
        log = self.folder / f"{self.name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._command(command), cwd=self.folder, env=self._env(), stdout=output, stderr=output
            )
        try:
            deadline = time.monotonic() + timeout_seconds
            while not answers(url):
                assert process.poll() is None, log.read_text(errors="replace")[-4000:]
                assert time.monotonic() < deadline, log.read_text(errors="replace")[-4000:]
                time.sleep(0.1)
            yield process
        finally:
            process.kill()
            process.wait()

    def _command(self, command: Sequence[str]) -> list[str]:
        return [str(FOLDER / self.name / "bin" / command[0]), *command[1:]]

    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        return {**kept, "PYTHONUNBUFFERED": "1", **self.variables}


def program(name: str, folder: Path, **variables: str) -> Program:
    """Give the program of that environment; where it has not been made, the tests are skipped and say how."""
    if not (FOLDER / name / ".ready").exists():
        pytest.skip(f"the {name}'s environment has not been made: make upstream-{name}")
    folder.mkdir(parents=True, exist_ok=True)
    return Program(name, folder, variables)


def answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return True
