"""How a figure is taken, told and kept: interleaved rounds, percentiles, a table, and a file in `bench/results`.

Absolute times belong to one machine on one day. What holds elsewhere is the ratio to the baseline, which every
benchmark measures in the same run and, where it can, in turns with what it is compared to.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psutil

RESULTS: Final = Path(__file__).parent / "results"

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of `count` samples, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Give the percentiles of samples in milliseconds; raises `StatisticsError` below two."""
        cuts = statistics.quantiles(samples, n=100, method="inclusive")
        return cls(len(samples), round(cuts[49], 4), round(cuts[94], 4), round(cuts[98], 4))


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a report; `baseline` names the line it is compared to.

    `limit_ms` may not be passed, `aim_ms` is what we want; both are for the p95. `ratio_aim` is for the median.
    """

    label: str
    samples: Sequence[float]
    baseline: str | None = None
    limit_ms: float | None = None
    aim_ms: float | None = None
    ratio_aim: float | None = None


@dataclass(slots=True)
class Report:
    """What one benchmark found."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, label: str, samples: Sequence[float], **compared: Any) -> None:
        """Add a figure from its samples in milliseconds; see `Line`."""
        self.lines.append(Line(label, samples, **compared))

    def document(self) -> dict[str, Any]:
        """Give the report as JSON-ready data."""
        spreads = {line.label: Spread.of(line.samples) for line in self.lines}
        return {
            "name": self.name,
            "title": self.title,
            "measured_on": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "milliseconds": {label: asdict(spread) for label, spread in spreads.items()},
            "compared": [_compare(line, spreads) for line in self.lines if line.baseline is not None],
            "aims": [_judge(line, spreads[line.label]) for line in self.lines if line.limit_ms or line.aim_ms],
            "facts": self.facts,
        }

    def finish(self) -> None:
        """Print the report and keep it under `bench/results`."""
        document = self.document()
        print_table([document])
        keep(self.name, document)


async def interleaved(rounds: int, calls: Mapping[str, Call]) -> dict[str, list[float]]:
    """Time each call once a round, in an order that changes; give milliseconds by name."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name in random.sample(list(calls), len(calls)):
            started = time.perf_counter()
            await calls[name]()
            times[name].append((time.perf_counter() - started) * 1000)
    return times


def machine() -> dict[str, Any]:
    """Give what a reader needs to know of the machine; the load tells whether it was busy with other work."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def keep(name: str, document: Mapping[str, Any]) -> None:
    """Write a result to `bench/results/<name>.json`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")


def print_table(documents: Iterable[Mapping[str, Any]]) -> None:
    """Print the figures of these results, one line each."""
    rows = [("milliseconds", "samples", "p50", "p95", "p99", "x p50", "x p95", "p95 wanted")]
    for document in documents:
        rows += [(f"[{document.get('name', '')}]", *[""] * 7), *_rows(document)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *others = (cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in _cells(row, widths))
        print("  ".join([first, *others]).rstrip(), flush=True)


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterable[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row, widths, strict=True))


def _rows(document: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    ratios = {item["of"]: item for item in document.get("compared", ())}
    aims = {item["of"]: item for item in document.get("aims", ())}
    for label, spread in document["milliseconds"].items():
        figures = (_number(spread[cut]) for cut in ("p50", "p95", "p99"))
        ratio, aim = ratios.get(label, {}), aims.get(label, {})
        times = (f"{ratio[cut]:.2f}" if ratio else "" for cut in ("ratio_p50", "ratio_p95"))
        yield f"  {label}", str(spread.get("count", "")), *figures, *times, _wanted(aim)


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _wanted(aim: Mapping[str, Any]) -> str:
    parts = [f"{name} {aim[name + '_ms']:g}" for name in ("limit", "aim") if aim.get(name + "_ms")]
    return ", ".join(parts) + ("" if aim.get("is_held", True) else " MISSED") if parts else ""


def _compare(line: Line, spreads: Mapping[str, Spread]) -> dict[str, Any]:
    own, other = spreads[line.label], spreads[line.baseline or ""]
    found: dict[str, Any] = {
        "of": line.label,
        "with": line.baseline,
        "ratio_p50": round(own.p50 / other.p50, 2),
        "ratio_p95": round(own.p95 / other.p95, 2),
    }
    if line.ratio_aim is not None:
        found |= {"aim_p50": line.ratio_aim, "is_held": found["ratio_p50"] <= line.ratio_aim}
    return found


def _judge(line: Line, spread: Spread) -> dict[str, Any]:
    wanted = [value for value in (line.limit_ms, line.aim_ms) if value is not None]
    return {
        "of": line.label,
        "limit_ms": line.limit_ms,
        "aim_ms": line.aim_ms,
        "p95": spread.p95,
        "is_held": spread.p95 <= min(wanted),
    }
