"""What processes that have ended had counted: one file of each kind for all of them, however many came and went.

Their files are taken into the folder `ended-<n>` beside those of the living, and merged into `ended-<n+1>`. Only the
folder with the highest number counts, so whoever is killed in between leaves no count lost and none that counts twice.
To be imported by `counting` alone, which first says where `prometheus_client` keeps its values.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from prometheus_client.mmap_dict import MmapedDict

from bizosaas_app.kernel import file_locks
from bizosaas_app.kernel.errors import Unavailable

_values: Any = MmapedDict.read_all_values_from_file
_GREATEST: Final = "gauge_max"
_KINDS: Final = ("counter", "histogram", "summary", _GREATEST)
"""What adds up, and what of which the greatest counts. Any other gauge is of a process that lives."""
_FOLDERS: Final = "ended-"
_PATIENCE_SECONDS: Final = 5.0
"""Reading all counts takes milliseconds; whoever holds them longer is stopped, and a scraper waits ten seconds."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the counts against every other process and thread that would read or merge them.

    Raises `Unavailable` after five seconds.
    """
    busy = Unavailable("Another worker holds the counts of this server")
    with file_locks.alone(folder / "lock", seconds=_PATIENCE_SECONDS, busy=busy):
        yield


def merge(folder: Path, pids: Iterable[int]) -> list[Path]:
    """Take over what these processes have counted, and give the files of all that have ended.

    Call it while `locked`.
    """
    number, kept = _newest(folder)
    for pid in pids:
        for kind in _KINDS:
            file = folder / f"{kind}_{pid}.db"
            if file.exists():
                file.rename(kept / f"{kind}_{uuid4().hex}.db")
    if any(len(_files(kept, kind)) > 1 for kind in _KINDS):
        kept = _merged(kept, folder / f"{_FOLDERS}{number + 1}")
    return sorted(kept.glob("*.db"))


def is_begun(file: Path) -> bool:
    """Say whether a process has got so far as to lay its file out: an empty one cannot be read."""
    return file.stat().st_size > 0


def _newest(folder: Path) -> tuple[int, Path]:
    """Give the folder that counts with its number, made if there is none; older ones are deleted."""
    numbers = sorted(int(item.name.removeprefix(_FOLDERS)) for item in folder.glob(f"{_FOLDERS}*"))
    for number in numbers[:-1]:
        shutil.rmtree(folder / f"{_FOLDERS}{number}")
    newest = numbers[-1] if numbers else 1
    kept = folder / f"{_FOLDERS}{newest}"
    kept.mkdir(mode=0o700, exist_ok=True)
    return newest, kept


def _merged(kept: Path, target: Path) -> Path:
    draft = target.with_name("draft")
    if draft.exists():
        shutil.rmtree(draft)  # somebody was killed while writing it
    draft.mkdir(mode=0o700)
    for kind in _KINDS:
        if files := _files(kept, kind):
            _write(draft / f"{kind}_all.db", _greatest(files) if kind == _GREATEST else _sum(files))
    draft.rename(target)  # from here on it counts, and the other one no more
    shutil.rmtree(kept)
    return target


def _files(kept: Path, kind: str) -> list[Path]:
    return list(kept.glob(f"{kind}_*.db"))


def _sum(files: Iterable[Path]) -> Counter[str]:
    """Add up the values under each key; a histogram's file counts each bucket by itself, so that they add up too."""
    totals: Counter[str] = Counter()
    for file in filter(is_begun, files):
        for key, value, _, _ in _values(str(file)):
            totals[key] += value
    return totals


def _greatest(files: Iterable[Path]) -> dict[str, float]:
    found: dict[str, float] = {}
    for file in filter(is_begun, files):
        for key, value, _, _ in _values(str(file)):
            found[key] = max(value, found.get(key, value))
    return found


def _write(file: Path, totals: Mapping[str, float]) -> None:
    values: Any = MmapedDict(str(file))  # type: ignore[no-untyped-call]
    for key, total in totals.items():
        values.write_value(key, total, 0.0)
    values.close()
