"""Measuring: timing loops, percentiles, a table to read and JSON to keep.

A benchmark measures its baseline in the same run, because this machine is not that machine.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results"

Work = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Series:
    """Times of one kind of work, in seconds; `limit_ms` is the 95th percentile that must hold, `aim_ms` the wish."""

    name: str
    seconds: Sequence[float]
    baseline: str | None = None
    limit_ms: float | None = None
    aim_ms: float | None = None
    ratio_aim: float | None = None
    """How many times the baseline's median the median may take."""
    figures: dict[str, float] = field(default_factory=dict)

    def at(self, percent: float) -> float:
        """Give a percentile in milliseconds (nearest rank)."""
        ordered = sorted(self.seconds)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] * 1000

    def record(self) -> dict[str, Any]:
        """Give the series as JSON data, times in milliseconds."""
        return {
            "name": self.name,
            "count": len(self.seconds),
            "p50_ms": round(self.at(50), 4),
            "p95_ms": round(self.at(95), 4),
            "p99_ms": round(self.at(99), 4),
            "max_ms": round(max(self.seconds) * 1000, 4),
            "baseline": self.baseline,
            "limit_ms": self.limit_ms,
            "aim_ms": self.aim_ms,
            **({} if self.ratio_aim is None else {"ratio_aim": self.ratio_aim}),
            **self.figures,
        }


async def time_one(work: Work) -> float:
    """Give the seconds that the work takes once."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def time_many(work: Work, *, times: int, warm_up: int = 20) -> list[float]:
    """Do the work one after the other; give the seconds of each time after the warm-up."""
    for _ in range(warm_up):
        await work()
    return [await time_one(work) for _ in range(times)]


async def time_in_turns(works: Mapping[str, Work], *, times: int, warm_up: int = 20) -> dict[str, list[float]]:
    """Do each kind of work in turns, so that a disturbance of the machine meets all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(-warm_up, times):
        for name, work in works.items():
            seconds = await time_one(work)
            if turn >= 0:
                taken[name].append(seconds)
    return taken


async def time_together(work: Callable[[int], Awaitable[Any]], *, times: int, clients: int) -> list[float]:
    """Do the work `times` times by so many clients at once; `work` is told the number of the client."""
    taken: list[float] = []
    left = iter(range(times))

    async def client(number: int) -> None:
        for _ in left:
            started = time.perf_counter()
            await work(number)
            taken.append(time.perf_counter() - started)

    await asyncio.gather(*(client(number) for number in range(clients)))
    return taken


def show(title: str, series: Sequence[Series]) -> None:
    """Print a table: percentiles in milliseconds, and how many times the baseline the median is."""
    by_name = {item.name: item for item in series}
    width = max(len(item.name) for item in series)
    print(f"\n{title}")
    print(f"  {'':{width}}  {'n':>7} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9} {'x base':>7}  verdict")
    for item in series:
        base = by_name.get(item.baseline or "")
        times = f"{item.at(50) / base.at(50):.2f}" if base and base.at(50) else ""
        line = f"{len(item.seconds):>7} {item.at(50):>9.3f} {item.at(95):>9.3f} {item.at(99):>9.3f} {times:>7}"
        print(f"  {item.name:{width}}  {line}  {_verdict(item)}{_ratio_verdict(item, base)}")


def publish(name: str, title: str, series: Sequence[Series], **facts: Any) -> None:
    """Print the series, and write them with the ratios to their baselines."""
    by_name = {item.name: item for item in series}
    for item in series:
        base = by_name.get(item.baseline or "")
        if base is not None:
            item.figures.update({f"p{cut}_ratio": round(item.at(cut) / base.at(cut), 2) for cut in (50, 95)})
    show(title, series)
    write(name, series, title=title, load_average=round(os.getloadavg()[0], 1), **facts)


def write(name: str, series: Sequence[Series], **facts: Any) -> Path:
    """Write `bench/results/<name>.json` with the machine and the time of the run."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    document = {
        "benchmark": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "platform": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        **facts,
        "series": [item.record() for item in series],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


def _verdict(item: Series) -> str:
    """Say whether the 95th percentile holds the limit and meets the aim."""
    p95 = item.at(95)
    if item.limit_ms is not None and p95 > item.limit_ms:
        return f"OVER the limit of {item.limit_ms:g} ms"
    if item.aim_ms is not None:
        return f"{'meets' if p95 <= item.aim_ms else 'misses'} the aim of {item.aim_ms:g} ms"
    return "" if item.limit_ms is None else f"within {item.limit_ms:g} ms"


def _ratio_verdict(item: Series, base: Series | None) -> str:
    if item.ratio_aim is None or base is None:
        return ""
    is_met = item.at(50) <= item.ratio_aim * base.at(50)
    return f"{'meets' if is_met else 'misses'} the aim of {item.ratio_aim:g} times the baseline"
