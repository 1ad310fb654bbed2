"""Processes of the engines: start one, find the ones left behind, end them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, Signals

import psutil

from bizosaas_app.kernel.embedded import files
from bizosaas_app.kernel.embedded.accounts import Account

POLL_SECONDS = 0.01
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""All that an engine sees of our environment: keys and tokens in it are none of its business."""


class EngineProcess:
    """One process, started by us or found running; a later process with the same number is not it."""

    def __init__(self, pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self._child = child
        self._process = psutil.Process(pid)

    def is_alive(self) -> bool:
        """Tell whether it still runs; one that has ended but was not reaped by its parent does not."""
        if self._child is not None:
            return self._child.poll() is None
        try:
            return bool(self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def send(self, signal: Signals) -> None:
        """Send a signal; nothing happens when the process has ended."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal)

    def end(self, *steps: tuple[Signals, float]) -> None:
        """Send each signal and wait its seconds, until the process has ended; kill it at last."""
        for signal, seconds in (*steps, (SIGKILL, 5.0)):
            self.send(signal)
            if wait_until(lambda: not self.is_alive(), seconds):
                return


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds; False when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def launch(command: Sequence[str | Path], *, log: Path, account: Account | None = None) -> EngineProcess:
    """Start a program in a session of its own, as `account` if given, with its output going to `log`.

    A session of its own, because the interrupt key of the terminal must not reach it.
    """
    output = files.open_log(log)
    try:
        child = subprocess.Popen(  # noqa: S603 - our own binaries and arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        os.close(output)
    return EngineProcess(child.pid, child)


def find_in(folder: Path) -> list[EngineProcess]:
    """Find the live processes that work in the folder: both engines stay in their data folder."""
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        if process.info["cwd"] == str(folder) and process.info["status"] != psutil.STATUS_ZOMBIE:
            with suppress(psutil.NoSuchProcess):
                found.append(EngineProcess(process.pid))
    return found


def end_in(folder: Path, *, patience_seconds: float) -> None:
    """Wait for the processes that work in the folder to end by themselves, then kill the rest."""
    if not wait_until(lambda: not find_in(folder), patience_seconds):
        for process in find_in(folder):
            process.end()
