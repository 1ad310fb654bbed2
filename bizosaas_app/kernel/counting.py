"""How the processes of one server count together: each writes its values into a folder, and whoever is asked adds up.

A server with one worker counts in memory. With several, any of them may answer the scraper, so `prometheus_client`
keeps the values in files of the data folder, one set for each process. It decides so when a metric is made: this
module must be imported before any is, which is why metrics are made of nothing but what it hands out.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bizosaas_app.kernel.settings import Settings

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_FORGOTTEN_SECONDS: Final = 7 * 86_400.0
"""A folder of another machine, such as an earlier container, that nobody has written to for so long is deleted."""


def prepare(settings: Settings) -> Path | None:
    """Give the folder of this server's counts, made if need be; None for a server that counts in memory.

    It is named after the server's first process, whose children all workers are. What servers that have ended left
    behind is deleted.
    """
    if settings.workers == 1:
        return None
    parent = multiprocessing.parent_process()
    first = (parent.pid if parent is not None else None) or os.getpid()
    root, host = settings.data_dir / "metrics", socket.gethostname()
    folder = root / f"{host}-{first}"
    if parent is None:
        _clear(root, host, own=folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ[_FOLDER] = str(folder)
    return folder


def _clear(root: Path, host: str, *, own: Path) -> None:
    for found in root.glob("*-*"):
        name, _, pid = found.name.rpartition("-")
        is_over = not _is_alive(int(pid)) if name == host and pid.isdigit() else _is_forgotten(found)
        if found == own or is_over:
            shutil.rmtree(found, ignore_errors=True)


def _is_forgotten(folder: Path) -> bool:
    with suppress(OSError):
        return time.time() - max(item.stat().st_mtime for item in (folder, *folder.iterdir())) > _FORGOTTEN_SECONDS
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


FOLDER: Final = prepare(Settings())

# Only now: what is imported here looks for the folder.
from prometheus_client import (  # noqa: E402
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    generate_latest,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

from bizosaas_app.kernel import counting_ended  # noqa: E402

__all__ = ["CONTENT_TYPE_LATEST", "Counter", "Gauge", "Histogram", "Metric", "render", "served"]


def render(facts: Iterable[Metric] = ()) -> bytes:
    """Give all that this server has counted, and these facts, in the Prometheus text format.

    Reads files when there are several workers, so call it in a thread. Raises `Unavailable` while another worker
    reads them for longer than five seconds.
    """
    return generate_latest(_Everything(facts))


@contextmanager
def served(address: str | None) -> Iterator[None]:
    """Give what this process counts at `host:port` over HTTP for as long as the block lasts; nowhere for None."""
    if address is None:
        yield
        return
    host, _, port = address.rpartition(":")
    server, thread = start_http_server(int(port), host, _Everything(()))
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Everything(Collector):
    def __init__(self, facts: Iterable[Metric]) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect() if FOLDER is None else _of_all_workers(FOLDER)
        yield from self._facts


def _of_all_workers(folder: Path) -> Iterator[Metric]:
    with counting_ended.locked(folder):
        pids = {int(end) for item in folder.glob("*.db") if (end := item.stem.rpartition("_")[2]).isdigit()}
        alive = {pid for pid in pids if _is_alive(pid)}
        for pid in pids - alive:
            # What it held at the moment, it holds no more.
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # the library leaves it untyped
        files = filter(counting_ended.is_begun, [*counting_ended.merge(folder, pids - alive), *folder.glob("*.db")])
        found = MultiProcessCollector.merge([str(file) for file in files])  # type: ignore[no-untyped-call]
    yield from found
    yield from _processes(alive)


def _processes(pids: Iterable[int]) -> Iterator[Metric]:
    """Give the usual figures of a process, summed over the workers; the start is that of the first."""
    found: dict[str, Metric] = {}
    for pid in pids:
        for metric in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
            held = found.setdefault(metric.name, metric)
            if held is not metric:
                for place, (one, other) in enumerate(zip(held.samples, metric.samples, strict=True)):
                    is_start = one.name == "process_start_time_seconds"
                    value = min(one.value, other.value) if is_start else one.value + other.value
                    held.samples[place] = one._replace(value=value)
    yield from found.values()
