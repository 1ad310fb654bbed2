"""Data quality: what is wrong with a table before anybody computes with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.tables import table
from agents.tooling import Args, Figure, ToolContext, ToolNeedsMore, ToolResult, tool

Value = str | Figure | bool | None
Row = dict[Annotated[str, Field(min_length=1, max_length=80)], Value]

_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_NOTHING: Final = frozenset({"", "-", "n/a", "na", "none", "null", "nan", "unknown", "?"})
_ALIKE: Final = 88
"""Similarity of spellings, of 100, from which they probably mean the same (Indel distance of rapidfuzz)."""
_FENCE: Final = 3.0
"""Interquartile ranges beyond the quartiles: "far out" by Tukey, Exploratory Data Analysis (1977)."""
_NAMED_AT_MOST: Final = 50
"""Distinct values up to which a column is taken for names of groups."""


class TableArgs(Args):
    """The table."""

    rows: list[Row] = Field(min_length=1, max_length=5000, description="Rows as column -> value")
    key: str | None = Field(None, max_length=80, description="Column that should be different in each row")


class TableAudit(ToolResult):
    """What was found."""

    columns: list[str]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with cells of a column."""

    column: str
    problem: str
    cells: int
    sample: str
    remedy: str


@tool(
    facts={
        "rows": "count",
        "columns": "count",
        "issues": "count",
        "bad_cells": "count",
        "missing": "count",
        "missing_share": "percent",
        "duplicates": "count",
        "key_repeats": "count",
        "worst_column": "text",
        "worst_problem": "text",
        "worst_cells": "count",
        "worst_remedy": "text",
        "clean_share": "percent",
    },
    parts={"issues": "table", "columns": "table"},
)
def table_audit(context: ToolContext, args: TableArgs) -> TableAudit:
    """Check a table: gaps, repeated rows and keys, mixed kinds, near-equal spellings, far outliers, future dates."""
    columns = list(dict.fromkeys(name for row in args.rows for name in row))
    if args.key is not None and args.key not in columns:
        raise ToolNeedsMore(f"key: there is no column {args.key}")
    cells = {name: [row.get(name) for row in args.rows] for name in columns}
    issues = sorted(_issues(cells, context.now.date(), args.key), key=lambda item: (-item.cells, item.column))
    return TableAudit(
        source="input",
        columns=columns,
        facts=_facts(args, cells, issues),
        parts={
            "issues": table(
                "What to put right, the most cells at the top",
                [
                    {
                        "column": item.column,
                        "problem": item.problem,
                        "cells": item.cells,
                        "sample": facts.text("sample", "", item.sample).rendered if item.sample else "",
                        "remedy": item.remedy,
                    }
                    for item in issues
                ],
                column="Column",
                problem="Problem",
                cells=("Cells", "number"),
                sample="For instance",
                remedy="Remedy",
            ),
            "columns": table(
                "The columns",
                [_profile(name, values) for name, values in cells.items()],
                column="Column",
                kind="Kind",
                filled=("Filled", "percent"),
                distinct=("Distinct values", "number"),
            ),
        },
    )


def _is_missing(value: Value) -> bool:
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING)


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, (int, float)):
        return "number"
    text = str(value).strip()
    if _DATE.fullmatch(text):
        return "date"
    return "number as text" if _NUMBER.fullmatch(text) else "text"


def _issues(cells: Mapping[str, Sequence[Value]], today: date, key: str | None) -> Iterator[Issue]:
    for name, values in cells.items():
        present = [value for value in values if not _is_missing(value)]
        if len(present) < len(values):
            yield Issue(name, "missing", len(values) - len(present), "", "Fill the gaps or leave those rows out")
        yield from _mixed(name, present)
        yield from _spellings(name, present)
        yield from _outliers(name, present)
        yield from _dates(name, present, today)
        if name == key and (repeats := _repeats(present)):
            yield Issue(name, "key repeated", sum(repeats.values()), next(iter(repeats)), "Keep one row for each key")


def _repeats(values: Sequence[Value]) -> dict[str, int]:
    return {name: number - 1 for name, number in Counter(str(value) for value in values).items() if number > 1}


def _mixed(name: str, present: Sequence[Value]) -> Iterator[Issue]:
    kinds = Counter(_kind(value) for value in present)
    if len(kinds) > 1:
        main = kinds.most_common(1)[0][0]
        odd = [value for value in present if _kind(value) != main]
        yield Issue(name, f"not {main} like the rest", len(odd), str(odd[0]), f"Write each of them as {main}")


def _spellings(name: str, present: Sequence[Value]) -> Iterator[Issue]:
    """Find names of groups that differ only by case, spaces or a letter from a more frequent one."""
    from rapidfuzz import fuzz

    counts = Counter(str(value) for value in present if _kind(value) == "text")
    if not 1 < len(counts) <= _NAMED_AT_MOST or len(counts) > len(present) / 2:
        return
    kept: list[str] = []
    for spelling, number in counts.most_common():
        plain = " ".join(spelling.split()).casefold()
        twin = next((item for item in kept if fuzz.ratio(" ".join(item.split()).casefold(), plain) >= _ALIKE), None)
        if twin is None:
            kept.append(spelling)
        else:
            yield Issue(name, f'probably "{twin}"', number, spelling, "Use one spelling")


def _outliers(name: str, present: Sequence[Value]) -> Iterator[Issue]:
    import numpy as np

    numbers = [float(value) for value in present if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) < 8:
        return
    low, high = np.quantile(numbers, (0.25, 0.75))
    reach = _FENCE * (high - low)
    odd = [value for value in numbers if reach > 0 and not low - reach <= value <= high + reach]
    if odd:
        yield Issue(name, "far from the rest", len(odd), f"{odd[0]:g}", "Check the unit and the source")


def _dates(name: str, present: Sequence[Value], today: date) -> Iterator[Issue]:
    wrong: list[str] = []
    future: list[str] = []
    for value in present:
        match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            continue
        try:
            if date.fromisoformat(match[1]) > today:
                future.append(match[1])
        except ValueError:
            wrong.append(match[1])
    if wrong:
        yield Issue(name, "no such day", len(wrong), wrong[0], "Correct the date at its source")
    if future:
        yield Issue(name, "in the future", len(future), future[0], "Correct the date, or mark it as planned")


def _profile(name: str, values: Sequence[Value]) -> dict[str, str | float | int]:
    present = [value for value in values if not _is_missing(value)]
    kinds = Counter(_kind(value) for value in present)
    return {
        "column": name,
        "kind": kinds.most_common(1)[0][0] if kinds else "empty",
        "filled": round(100 * len(present) / len(values), 1),
        "distinct": len({str(value) for value in present}),
    }


def _facts(args: TableArgs, cells: Mapping[str, Sequence[Value]], issues: Sequence[Issue]) -> list[Fact]:
    whole = len(args.rows) * len(cells)
    missing = sum(item.cells for item in issues if item.problem == "missing")
    bad = min(whole, sum(item.cells for item in issues))
    rows = Counter(tuple(str(row.get(name)) for name in cells) for row in args.rows)
    found = [
        facts.count("rows", "Rows", len(args.rows)),
        facts.count("columns", "Columns", len(cells)),
        facts.count("issues", "Kinds of trouble", len(issues)),
        facts.count("bad_cells", "Cells to look at", bad),
        facts.count("missing", "Empty cells", missing),
        facts.percent("missing_share", "Empty of all cells", 100 * missing / whole),
        facts.percent("clean_share", "Cells without trouble", 100 * (whole - bad) / whole),
        facts.count("duplicates", "Rows that are there again", sum(number - 1 for number in rows.values())),
    ]
    if args.key is not None:
        repeats = sum(_repeats([value for value in cells[args.key] if not _is_missing(value)]).values())
        found.append(facts.count("key_repeats", "Keys that are there again", repeats))
    if issues:
        found += [
            facts.text("worst_column", "Column with the most trouble", issues[0].column),
            facts.text("worst_problem", "Its trouble", issues[0].problem),
            facts.count("worst_cells", "Cells of it", issues[0].cells),
            facts.text("worst_remedy", "Remedy", issues[0].remedy),
        ]
    return found
