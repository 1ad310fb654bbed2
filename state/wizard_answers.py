"""What a tab was shown of a step's answers, and what differs from it in the browser. Pure.

Only differences are sent: a tab that sent all of its step would write what another tab has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Shown = Mapping[str, Any]
"""Answers by field, as the tab was shown them."""
Kinds = Mapping[str, str]

TYPED: Final = frozenset({"text", "long_text", "number", "money", "choice", "day", "zone", "colour"})
"""Kinds whose answer is the text of one control."""


def news(before: Shown, after: Shown, sent: Shown) -> set[str]:
    """Give the fields whose controls have to take their text anew: another tab, or an agent, has written there.

    What the tab has just sent itself stands in its control already.
    """
    return {
        name for name, answer in after.items() if name not in before or (answer not in (before[name], sent.get(name)))
    }


def changed(form: Mapping[str, Any], shown: Shown, kinds: Kinds) -> dict[str, Any]:
    """Give the answers of a form that differ from what the tab was shown."""
    answers: dict[str, Any] = {}
    cells: dict[str, dict[str, str]] = {}
    for path, value in form.items():
        name, dot, _ = path.partition(".")
        if kinds.get(name) == "moment":
            answers[name] = {"at": str(form.get(name, "")), "zone": str(form.get(f"{name}.zone", ""))}
        elif dot and kinds.get(name) == "rows":
            cells.setdefault(name, {})[path] = str(value)
        elif kinds.get(path) in TYPED and str(value) != (shown.get(path) or ""):
            answers[path] = str(value)
    answers |= {name: with_cells(found, rows_of(name, shown)) for name, found in cells.items()}
    return {name: answer for name, answer in answers.items() if answer != shown.get(name)}


def with_cells(cells: Mapping[str, str], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give rows with these cells, by their path (`goals.2.target`), written into them; a row must be there.

    A cell that is empty and stays so is not written: rows that nobody has touched are as they were.
    """
    written = [dict(row) for row in rows]
    for path, text in cells.items():
        _, _, place = path.partition(".")
        number, _, column = place.partition(".")
        row = written[int(number)] if number.isdigit() and int(number) < len(written) else None
        if row is not None and column.isidentifier() and text != (row.get(column) or ""):
            row[column] = text
    return written


def rows_of(name: str, shown: Shown) -> list[dict[str, Any]]:
    """Give the rows of a field; none where it has no rows yet."""
    held = shown.get(name)
    return list(held) if isinstance(held, list) else []
