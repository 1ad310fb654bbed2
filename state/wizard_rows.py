"""What the page of a wizard draws: a draft's fields, steps and answers, ready to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from bizosaas_app.gateway.contracts.wizards import ChoiceView, DraftView, FieldView, FinishView, PreviewView, StepView
from state import words
from state.rows import Choice

ROW_PATH = "{field}.{number}.{column}"
"""How the control of a cell is named."""


class OptionRow(TypedDict):
    """One choice of a field; `is_on` where it is chosen."""

    value: str
    label: str
    hint: str
    is_on: bool


class CellRow(TypedDict):
    """One cell of a row."""

    path: str
    kind: str
    label: str
    hint: str
    unit: str
    text: str
    options: list[OptionRow]
    error: str
    is_required: bool


class LineRow(TypedDict):
    """One row of a field of rows."""

    number: str
    title: str
    cells: list[CellRow]


class PairRow(TypedDict):
    """A fact with its name."""

    name: str
    value: str


class PreviewRow(TypedDict):
    """What would come of the answers."""

    title: str
    facts: list[PairRow]
    head: list[str]
    rows: list[list[str]]
    note: str
    tone: str
    secret_path: str
    """Where the browser asks for a secret that belongs here; the secret itself never comes by."""


class FieldRow(TypedDict):
    """One field of the step; `filling` changes when its control is to take its text anew from here."""

    key: str
    kind: str
    label: str
    hint: str
    error: str
    guess: str
    text: str
    zone: str
    outcome: str
    link: str
    """Where an act that waits for a person is gone on with."""
    unit: str
    most: str
    accepts: str
    action_label: str
    is_required: bool
    options: list[OptionRow]
    adds: str
    """What may be added to the options from here."""
    lines: list[LineRow]
    preview: PreviewRow
    filling: str


class StepRow(TypedDict):
    """A step in the row of steps."""

    key: str
    title: str
    number: str
    state: str
    state_label: str


class AnswerRow(TypedDict):
    """One answer in words."""

    step: str
    label: str
    value: str
    is_guess: bool


class LostRow(TypedDict):
    """An answer of another tab that a save took the place of."""

    field: str
    label: str
    lost: str


class FactRow(PairRow):
    """A fact of what was made; an address is there to be copied and sent to somebody."""

    is_address: bool


class FinishRow(TypedDict):
    """What was made, and what to do next."""

    title: str
    text: str
    facts: list[FactRow]
    links: list[Choice]


NO_PREVIEW = PreviewRow(title="", facts=[], head=[], rows=[], note="", tone="neutral", secret_path="")
NO_FINISH = FinishRow(title="", text="", facts=[], links=[])
_STATES = {
    "done": "done",
    "current": "you are here",
    "open": "to be done",
    "ahead": "not yet",
    "wrong": "needs a correction",
}


def steps(view: DraftView) -> list[StepRow]:
    """Give the row of steps."""
    return [_step(number, step) for number, step in enumerate(view.steps, 1)]


def _step(number: int, step: StepView) -> StepRow:
    return StepRow(
        key=step.key, title=step.title, number=str(number), state=step.state, state_label=_STATES[step.state]
    )


def fields(view: DraftView, fillings: Mapping[str, int]) -> list[FieldRow]:
    """Give the fields of the present step."""
    return [_field(view, field, fillings.get(field.key, 0)) for field in view.fields]


def _field(view: DraftView, field: FieldView, filling: int) -> FieldRow:
    answer = field.answer
    kept = answer if isinstance(answer, Mapping) else {}
    return FieldRow(
        key=field.key,
        kind=field.kind,
        label=field.label,
        hint=field.hint,
        error=words.sentence(field.problem) if field.problem else "",
        guess=field.guess,
        text=_text(answer),
        zone=str(kept.get("zone", "")),
        outcome=str(kept.get("state") or ("passed" if kept else "")),
        link=_web(str(kept.get("href", ""))),
        unit=field.unit,
        most=field.most,
        accepts=",".join(field.accepts),
        action_label=field.action_label or field.label,
        is_required=field.is_required,
        options=_options(field.choices, answer),
        adds=field.adds,
        lines=_lines(field),
        preview=NO_PREVIEW,
        filling=f"{view.draft_id}-{field.key}-{filling}",
    )


def _text(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Mapping):
        return str(answer.get("at") or answer.get("says") or answer.get("name") or "")
    return ""


def _web(address: str) -> str:
    """Give an address of the web; nothing for any other, as it came from outside."""
    return address if address.startswith(("https://", "http://")) else ""


def _options(choices: list[ChoiceView], answer: Any) -> list[OptionRow]:
    chosen = answer if isinstance(answer, list) else [answer]
    return [
        OptionRow(value=item.value, label=item.label, hint=item.hint, is_on=item.value in chosen) for item in choices
    ]


def _lines(field: FieldView) -> list[LineRow]:
    rows = field.answer if isinstance(field.answer, list) and field.kind == "rows" else []
    return [
        LineRow(
            number=str(number),
            title=f"Row {number + 1}",
            cells=[_cell(field, number, column, row) for column in field.columns],
        )
        for number, row in enumerate(rows)
    ]


def _cell(field: FieldView, number: int, column: FieldView, row: Mapping[str, Any]) -> CellRow:
    answer = row.get(column.key, column.answer) or ""
    problem = field.problems.get(f"{number}.{column.key}", "")
    return CellRow(
        path=ROW_PATH.format(field=field.key, number=number, column=column.key),
        kind=column.kind,
        label=column.label,
        hint=column.hint,
        unit=column.unit,
        text=_text(answer),
        options=_options(column.choices, answer),
        error=words.sentence(problem) if problem else "",
        is_required=column.is_required,
    )


def cell_text(rows: Sequence[FieldRow], path: str) -> str:
    """Give what a cell shows; nothing for one that is not there."""
    cells = (cell for row in rows for line in row["lines"] for cell in line["cells"])
    return next((cell["text"] for cell in cells if cell["path"] == path), "")


def preview(view: PreviewView) -> PreviewRow:
    """Give what would come of the answers."""
    return PreviewRow(
        title=view.title,
        facts=[PairRow(name=name, value=value) for name, value in view.facts],
        head=view.head,
        rows=view.rows,
        note=view.note,
        tone=view.tone,
        secret_path=view.secret_path,
    )


def finish(view: FinishView | None) -> FinishRow:
    """Give what was made."""
    if view is None:
        return NO_FINISH
    return FinishRow(
        title=view.title,
        text=view.text,
        facts=[
            FactRow(name=name, value=value, is_address=value.startswith(("https://", "http://")))
            for name, value in view.facts
        ],
        links=[Choice(value=link.href, label=link.label) for link in view.links],
    )
