"""The parts of a result as pages draw them: tables, lines, bars, checklists and drafts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from state import words
from state.agent_rows import CellRow, ColumnRow, ItemRow, LineRow, PartRow, PointRow

_DASH: Final = "\N{EN DASH}"
_PERCENT: Final = ("%", "percent")
_ENDS: Final = frozenset({"number", "money", "percent"})
MOST_BARS: Final = 60
"""Bars that a page lists; more are read in a table or an export."""


def parts(output: Mapping[str, Any], order: Sequence[str] = ()) -> list[PartRow]:
    """Give the named parts of an output: in `order` where it names them, and none that is empty."""
    named = {name: part for name, part in output.items() if isinstance(part, Mapping) and part.get("kind") in _MAKERS}
    named.pop("advice", None)
    wanted = [*(name for name in order if name in named), *(name for name in named if name not in order)]
    made = [_MAKERS[named[name]["kind"]](name, named[name]) for name in wanted]
    return [part for part in made if part["lines"] or part["points"] or part["items"] or part["text"]]


def items(checklist: Mapping[str, Any] | None) -> list[ItemRow]:
    """Give the things to do of a checklist."""
    found = (checklist or {}).get("items", ())
    return [
        ItemRow(key=str(number), text=str(item.get("text", "")), why=str(item.get("why", "")))
        for number, item in enumerate(found)
    ]


def cell(kind: str, value: Any, currency: str | None) -> str:
    """Give a cell's value as it reads; one that is not of its kind is shown as it is."""
    if value is None or value == "":
        return _DASH
    if isinstance(value, bool):
        return "Yes" if value else "No"
    try:
        return _CELLS[kind](value, currency)
    except (KeyError, ValueError, InvalidOperation):
        return str(value)


def day(value: str) -> str:
    """Give an ISO date as `5 Mar 2026`."""
    return f"{date.fromisoformat(value[:10]):%-d %b %Y}"


def _money(value: Any, currency: str | None) -> str:
    amount = Decimal(str(value))
    return words.money(amount, currency) if currency else words.number(amount)


_CELLS: Final[dict[str, Callable[[Any, str | None], str]]] = {
    "text": lambda value, _: str(value),
    "number": lambda value, _: words.number(Decimal(str(value))),
    "percent": lambda value, _: f"{words.number(Decimal(str(value)))}%",
    "date": lambda value, _: day(str(value)),
    "money": _money,
}


def _table(name: str, part: Mapping[str, Any]) -> PartRow:
    columns, currency = part.get("columns", ()), part.get("currency")
    lines = [
        LineRow(key=str(number), cells=[_cell(column, row, currency) for column in columns])
        for number, row in enumerate(part.get("rows", ()))
    ]
    heads = [ColumnRow(label=str(column["label"]), is_end=column.get("kind") in _ENDS) for column in columns]
    note = words.counted(len(lines), "row", "rows")
    return _blank(name, "table", part) | {"columns": heads, "lines": lines, "note": note}


def _cell(column: Mapping[str, Any], row: Mapping[str, Any], currency: str | None) -> CellRow:
    kind = str(column.get("kind", "text"))
    text = cell(kind, row.get(column["key"]), currency)
    return CellRow(label=str(column["label"]), text=text, is_end=kind in _ENDS)


def _series(name: str, part: Mapping[str, Any]) -> PartRow:
    points, unit = _measured(part.get("points", ())), str(part.get("unit", ""))
    form = "bar" if part.get("form") == "bar" and len(points) <= MOST_BARS else "line"
    has_band = any(point.get("low") is not None and point.get("high") is not None for point in points)
    made = [_point(number, point, unit, *_scale(points)) for number, point in enumerate(points)]
    note = _span(made) if unit == "" or _is_currency(unit) or unit in _PERCENT else f"In {unit}. {_span(made)}".strip()
    blank = _blank(name, form, part)
    return blank | {"points": made, "has_band": has_band, "note": note}


def _measured(points: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Give the points that have a value: what could not be computed reaches the page as null."""
    return [point for point in points if point.get("y") is not None]


def _scale(points: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Give the ends of the bars' axis, nought among them."""
    values = [float(point["y"]) for point in points] or [0.0]
    return min(0.0, *values), max(0.0, *values)


def _point(number: int, point: Mapping[str, Any], unit: str, least: float, most: float) -> PointRow:
    y = float(point["y"])
    width = (most - least) or 1.0
    low, high = point.get("low"), point.get("high")
    return PointRow(
        key=str(number),
        x=_axis(str(point["x"])),
        y=y,
        text=_measure(y, unit),
        band=[float(low), float(high)] if low is not None and high is not None else [],
        start=f"{100 * (min(y, 0.0) - least) / width:.2f}%",
        size=f"{100 * abs(y) / width:.2f}%",
        is_negative=y < 0,
    )


def _measure(y: float, unit: str) -> str:
    """Give a value with its unit where that is short; a longer one is said once for the whole chart."""
    if _is_currency(unit):
        return words.money(Decimal(str(y)), unit)
    return f"{words.number(round(y, 2))}{'%' if unit in _PERCENT else ''}"


def _is_currency(unit: str) -> bool:
    return len(unit) == 3 and unit.isascii() and unit.isupper()


def _axis(x: str) -> str:
    """Give a place on the axis: a day shorter than in ISO form, a name as it is."""
    try:
        return f"{date.fromisoformat(x):%-d %b %y}"
    except ValueError:
        return x


def _span(points: Sequence[PointRow]) -> str:
    """Say in one sentence what the chart shows, for who does not see it."""
    if not points:
        return ""
    least, most = min(points, key=lambda point: point["y"]), max(points, key=lambda point: point["y"])
    count = words.counted(len(points), "value", "values")
    return f"{count}, from {least['text']} ({least['x']}) to {most['text']} ({most['x']})."


def _checklist(name: str, part: Mapping[str, Any]) -> PartRow:
    return _blank(name, "checklist", part) | {"items": items(part)}


def _draft(name: str, part: Mapping[str, Any]) -> PartRow:
    note = {"markdown": "Markdown", "html": "HTML", "json": "JSON"}.get(str(part.get("format")), "")
    return _blank(name, "draft", part) | {"text": str(part.get("text", "")), "note": note}


def _blank(name: str, kind: str, part: Mapping[str, Any]) -> PartRow:
    title = str(part.get("title") or name.replace("_", " ").capitalize())
    return PartRow(
        key=name, kind=kind, title=title, note="", columns=[], lines=[], points=[], has_band=False, items=[], text=""
    )


_MAKERS: Final[dict[str, Callable[[str, Mapping[str, Any]], PartRow]]] = {
    "table": _table,
    "series": _series,
    "checklist": _checklist,
    "draft": _draft,
}
