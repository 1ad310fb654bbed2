"""Rows of the agents' pages: the catalogue, the form of a run, its progress and its result, ready to draw."""

from __future__ import annotations

from typing import Final, TypedDict

from state.rows import Choice


class AgentRow(TypedDict):
    """An agent in the catalogue."""

    id: str
    name: str
    goal: str
    area: str


class AreaRow(TypedDict):
    """An area of the catalogue with those of its agents that are shown."""

    key: str
    label: str
    count: str
    agents: list[AgentRow]


class SheetLine(TypedDict):
    """A row of a table as it was read; `number` is its place among the rows."""

    number: str
    cells: list[str]


class SheetRow(TypedDict):
    """The first rows of a field's table; `note` counts all of them."""

    note: str
    columns: list[str]
    lines: list[SheetLine]


NO_SHEET: Final = SheetRow(note="", columns=[], lines=[])


class FieldRow(TypedDict):
    """A field of a run's form; `kind` is text, long, number, date, choice, switch, lines, rows or json.

    `filling` goes up when another text is to stand in the control.
    """

    name: str
    label: str
    hint: str
    kind: str
    value: str
    filling: int
    is_on: bool
    is_required: bool
    choices: list[Choice]
    sheet: SheetRow
    error: str


class FactRow(TypedDict):
    """A figure with its label; `value` is its rendered form."""

    key: str
    label: str
    value: str


class ItemRow(TypedDict):
    """A thing to do, and why."""

    key: str
    text: str
    why: str


class ColumnRow(TypedDict):
    """A column of a table; figures stand at its end."""

    label: str
    is_end: bool


class CellRow(TypedDict):
    """A cell, which knows its column: on a phone it stands without it."""

    label: str
    text: str
    is_end: bool


class LineRow(TypedDict):
    """A row of a table."""

    key: str
    cells: list[CellRow]


class PointRow(TypedDict):
    """A point of a chart: `band` is low and high of a line; a bar goes from `start` by `size`, in percent."""

    key: str
    x: str
    y: float
    text: str
    band: list[float]
    start: str
    size: str
    is_negative: bool


class PartRow(TypedDict):
    """A named part of a result; which lists are filled depends on `kind`: table, line, bar, checklist or draft."""

    key: str
    kind: str
    title: str
    note: str
    columns: list[ColumnRow]
    lines: list[LineRow]
    points: list[PointRow]
    has_band: bool
    items: list[ItemRow]
    text: str


class CallRow(TypedDict):
    """A tool call with its arguments and its result as JSON text."""

    key: str
    tool: str
    by: str
    took: str
    arguments: str
    result: str
    error: str


class RunPanel(TypedDict):
    """A run as its page shows it, from the first moment to the result."""

    id: str
    status: str
    label: str
    tone: str
    is_active: bool
    is_cancel_asked: bool
    note: str
    at: str
    usage: list[FactRow]
    calls: list[CallRow]
    failure_title: str
    failure_text: str
    may_pass: bool
    engine: str
    headline: str
    summary: list[str]
    advice: list[ItemRow]
    facts: list[FactRow]
    parts: list[PartRow]
    proposals: str


class RunRow(TypedDict):
    """A run in a list."""

    id: str
    agent: str
    asked_by: str
    label: str
    tone: str
    detail: str
    at: str
    took: str


class ArgumentRow(TypedDict):
    """What a proposal would hand over; `is_block` where it is nested or long, and is read best on lines of its own."""

    key: str
    label: str
    value: str
    is_block: bool


class ProposalRow(TypedDict):
    """A change that an agent proposes; `outcome` is what came of it, in words."""

    id: str
    run_id: str
    agent: str
    title: str
    action: str
    arguments: list[ArgumentRow]
    label: str
    tone: str
    outcome: str
    at: str
    is_pending: bool
