"""What the application calls: get the embedded engines of a data folder, and keep them while it runs."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bizosaas_app.kernel.embedded import cluster, files, locks, valkey
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.errors import EngineFailed, with_tail
from bizosaas_app.kernel.embedded.folder import BUSY, READY, DataFolder
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths

GRACE_SECONDS = 6.0
"""How long the engines outlive their last user: a hot reload takes some seconds."""
POLL_SECONDS = 0.05
SOURCE_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Engines:
    """The URLs of the embedded engines; empty for an engine that was not asked for."""

    admin_url: str = ""
    """PostgreSQL as `bizosaas_owner`, for the migrations."""
    app_url: str = ""
    """PostgreSQL as `bizosaas_app`."""
    redis_url: str = ""


class Handle:
    """The right to use the engines. They run until every handle is released or its process has died."""

    def __init__(self, engines: Engines, lock: int) -> None:
        self.engines = engines
        self._lock: int | None = lock

    def release(self) -> None:
        """Give the right back; a second call does nothing."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def acquire(
    data_dir: Path,
    *,
    postgres: bool = True,
    valkey: bool = True,
    timeout_seconds: float = 60.0,
    grace_seconds: float = GRACE_SECONDS,
    durable: bool = True,
) -> Handle:
    """Get the engines of the folder, started if need be; blocks until they accept connections.

    Every process that uses them calls this itself. `grace_seconds` and `durable` (False: for tests,
    data may be lost in a crash) count for whoever comes first. Raises `EngineFailed` with the reason.
    """
    names = {name for name, is_wanted in (("postgres", postgres), ("valkey", valkey)) if is_wanted}
    deadline = time.monotonic() + timeout_seconds
    options = ["--grace-seconds", str(grace_seconds), *([] if durable else ["--not-durable"])]
    try:
        folder = DataFolder.prepare(data_dir)
        lock = locks.hold_shared(folder.users, timeout_seconds)
        try:
            return Handle(_wait_for_engines(folder, names, options, deadline), lock)
        except BaseException:
            os.close(lock)
            raise
    except OSError as error:
        raise EngineFailed(f"The data folder {data_dir} cannot be used: {error}") from error


def _wait_for_engines(folder: DataFolder, names: set[str], options: list[str], deadline: float) -> Engines:
    """Loop until a living keeper has published all of them and they answer.

    Each step is repeated, because a keeper may be killed, or told to stop, at any moment.
    """
    while True:
        folder.want(names)
        if not locks.is_taken(folder.keeper):
            _spawn_keeper(folder, options, deadline)
        published = folder.published()
        if names <= published.keys() and all(_answers(folder, name) for name in names):
            return Engines(**{key: url for name in names for key, url in published[name].items()})
        if time.monotonic() > deadline:
            raise EngineFailed(with_tail("The embedded engines did not start in time.", *folder.logs()))
        time.sleep(POLL_SECONDS)


def _answers(folder: DataFolder, name: str) -> bool:
    if name == "postgres":
        return cluster.answers(PostgresPaths.under(folder.path))
    return valkey.answers(ValkeyPaths.under(folder.path))


def _spawn_keeper(folder: DataFolder, options: list[str], deadline: float) -> None:
    """Start a keeper and wait until it is ready or has given up. Raises `EngineFailed` with its reason."""
    log = files.open_log(folder.log)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "bizosaas_app.kernel.embedded.keeper", str(folder.path), *options],
            cwd=SOURCE_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)
    with process:
        word = _read_until_closed(process, deadline)
    if word not in (READY, BUSY):
        raise EngineFailed(word or with_tail("The keeper of the embedded engines is not ready.", *folder.logs()))


def _read_until_closed(process: subprocess.Popen[bytes], deadline: float) -> str:
    """Read what the keeper says until it closes its end of the pipe, or the time is over."""
    if process.stdout is None:
        return ""
    heard = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            part = os.read(process.stdout.fileno(), 65_536)
            if not part:
                break
            heard += part
    return heard.decode(errors="replace")
