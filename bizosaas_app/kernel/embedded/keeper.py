"""The keeper: the process that owns the engines of one data folder.

    python -m bizosaas_app.kernel.embedded.keeper DATA_FOLDER

It starts the engines that were asked for (or adopts the ones that a killed keeper left behind), starts
an engine that dies again, and stops them all when no user is left. Then it holds the users' lock alone
until it is gone, so a user that comes meanwhile waits and finds a clean folder.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bizosaas_app.kernel.embedded import cluster, locks, postgres, processes, valkey
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.errors import EngineFailed
from bizosaas_app.kernel.embedded.folder import BUSY, READY, DataFolder
from bizosaas_app.kernel.embedded.processes import EngineProcess
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths

TICK_SECONDS = 0.5
RESTART_PAUSE_SECONDS = 2.0
"""An engine that dies again and again is started no more often than this."""
TAKE_OVER_SECONDS = 3.0
"""A user that looks whether a keeper lives touches its lock for an instant; so one failure proves nothing."""

log = logging.getLogger("keeper")


@dataclass(frozen=True)
class Engine:
    """How to run one kind of engine in a folder."""

    start: Callable[[Path, bool], EngineProcess]
    stop: Callable[[Path, EngineProcess], None]
    urls: Callable[[Path], Mapping[str, str]]


def _start_postgres(root: Path, durable: bool) -> EngineProcess:
    paths = PostgresPaths.under(root)
    postgres.init(paths, durable=durable)
    return postgres.start(paths, durable=durable)


def _postgres_urls(root: Path) -> dict[str, str]:
    paths = PostgresPaths.under(root)
    return {"admin_url": cluster.owner_url(paths), "app_url": cluster.app_url(paths)}


ENGINES: Mapping[str, Engine] = {
    "postgres": Engine(
        start=_start_postgres,
        stop=lambda root, process: postgres.stop(PostgresPaths.under(root), process),
        urls=_postgres_urls,
    ),
    "valkey": Engine(
        start=lambda root, durable: valkey.start(ValkeyPaths.under(root), durable=durable),
        stop=lambda root, process: valkey.stop(ValkeyPaths.under(root), process),
        urls=lambda root: {"redis_url": valkey.url(ValkeyPaths.under(root))},
    ),
}


class Keeper:
    """The engines of one folder, and the watch over them and their users."""

    def __init__(self, folder: DataFolder, lock: int, *, grace_seconds: float, durable: bool) -> None:
        self._folder = folder
        self._lock = lock
        self._users = locks.open_lock(folder.users)
        self._grace_seconds = grace_seconds
        self._durable = durable
        self._running: dict[str, EngineProcess] = {}
        self._not_before: dict[str, float] = {}
        self._idle_since: float | None = None
        self.is_told_to_stop = False

    def start(self) -> None:
        """Start every engine that was asked for. Raises `EngineFailed`, with nothing left running."""
        self._folder.withdraw()
        try:
            self._start_missing()
        except BaseException:
            self.stop()
            raise

    def watch(self) -> None:
        """Keep the engines running until nobody uses them, we are told to stop or the folder is gone."""
        while not (self.is_told_to_stop or self._is_idle() or self._is_folder_gone()):
            try:
                self._start_missing()
            except EngineFailed as error:
                log.error("%s", error)
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """Stop every engine."""
        if self._is_folder_gone():
            self._abandon()
            return
        self._folder.withdraw()
        self._folder.forget_wishes()
        for name, process in reversed(self._running.items()):
            log.info("stopping %s", name)
            ENGINES[name].stop(self._folder.path, process)

    def _abandon(self) -> None:
        """Kill the engines of a deleted folder.

        At an orderly stop they, and we, would remove sockets and files by their paths; those may belong
        to the next keeper by now, in a new folder of the same name.
        """
        for name, process in self._running.items():
            log.info("the folder is gone, killing %s", name)
            process.end()

    def _start_missing(self) -> None:
        missing = [name for name in ENGINES if name in self._folder.wanted() and not self._is_running(name)]
        for name in missing:
            if time.monotonic() < self._not_before.get(name, 0.0):
                continue
            self._not_before[name] = time.monotonic() + RESTART_PAUSE_SECONDS
            self._running[name] = ENGINES[name].start(self._folder.path, self._durable)
            log.info("%s runs as process %s", name, self._running[name].pid)
            self._folder.publish({known: ENGINES[known].urls(self._folder.path) for known in self._running})

    def _is_running(self, name: str) -> bool:
        return name in self._running and self._running[name].is_alive()

    def _is_idle(self) -> bool:
        """Tell whether nobody has used the engines for the whole grace; the users' lock is ours then."""
        if not locks.try_exclusive(self._users):
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since >= self._grace_seconds:
            return True
        locks.unlock(self._users)
        return False

    def _is_folder_gone(self) -> bool:
        mine = ((self._lock, self._folder.keeper), (self._users, self._folder.users))
        return not all(locks.is_at(descriptor, path) for descriptor, path in mine)


def main() -> int:
    """Run the keeper of the folder named on the command line; tell whoever spawned it when it is ready."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--grace-seconds", type=float, required=True)
    parser.add_argument("--not-durable", action="store_true")
    arguments = parser.parse_args()
    _leave_family()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    folder = DataFolder(arguments.folder)
    lock = locks.open_lock(folder.keeper)
    if not processes.wait_until(lambda: locks.try_exclusive(lock), TAKE_OVER_SECONDS):
        _tell(BUSY)
        return 0
    keeper = Keeper(folder, lock, grace_seconds=arguments.grace_seconds, durable=not arguments.not_durable)
    _heed_signals(keeper)
    try:
        keeper.start()
    except EngineFailed as error:
        log.error("%s", error)
        _tell(str(error))
        return 1
    _tell(READY)
    keeper.watch()
    keeper.stop()
    log.info("done")
    return 0


def _leave_family() -> None:
    """Become a child of init, in the root folder.

    Who ends an application by ending all its descendants, as reload and test tools do, must not end
    the engines with it: the next application may be there within the grace.
    """
    if os.fork():
        os._exit(0)
    os.chdir("/")


def _heed_signals(keeper: Keeper) -> None:
    def tell_to_stop(*_: object) -> None:
        keeper.is_told_to_stop = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell_to_stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _tell(word: str) -> None:
    """Write to the pipe of whoever spawned us and close it, so that it need not wait for our end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.write(sys.stdout.fileno(), word.encode())
    except BrokenPipeError:
        log.info("nobody waits for us any more")
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main())
