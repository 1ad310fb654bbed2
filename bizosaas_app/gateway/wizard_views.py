"""Views of a draft: the engine's state in the words and shapes that pages and the API are given."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from bizosaas_app.gateway.contracts.wizards import (
    ChoiceView,
    DraftView,
    FieldView,
    FinishView,
    OverwrittenView,
    StepState,
    StepView,
    SummaryView,
)
from bizosaas_app.kernel.money import Money
from bizosaas_app.services.wizards import engine, reading, wording
from bizosaas_app.services.wizards.conditions import Raw, is_blank
from bizosaas_app.services.wizards.drafts import state_of
from bizosaas_app.services.wizards.fields import Field, Step, Surroundings, Wizard
from bizosaas_app.services.wizards.operations import Draft, Overwritten
from models import WizardDraft

_MOST_SAID: Final = 160
"""Characters of an answer in the summary."""


def draft_view(
    wizard: Wizard,
    row: WizardDraft,
    around: Surroundings,
    *,
    problems: Mapping[str, str] | None = None,
    overwritten: tuple[Overwritten, ...] = (),
    assists: Container[str] = (),
    at: str | None = None,
) -> DraftView:
    """Give a draft as it is to be drawn: at the step that the tab shows, where it is still asked for."""
    draft = state_of(row)
    shown = wizard.shown_steps(draft.answers)
    keys = [step.key for step in shown]
    here = shown[next((keys.index(key) for key in (at, draft.step) if key in keys), 0)]
    wrong = dict(problems or {})
    return DraftView(
        draft_id=row.id,
        wizard=wizard.key,
        title=wizard.title,
        purpose=wizard.purpose,
        finish_label=wizard.finish_label,
        status=draft.status,
        version=draft.version,
        saved_at=row.updated_at,
        expires_at=row.expires_at,
        steps=[
            StepView(key=step.key, title=step.title, state=_state(wizard, step, here, draft, around)) for step in shown
        ],
        step=here.key,
        step_title=here.title,
        step_purpose=here.purpose,
        is_first=here.key == shown[0].key,
        is_review=here.key == shown[-1].key,
        fields=[_field(field, draft, wrong, around) for field in wizard.shown_fields(here, draft.answers)],
        problems=wrong,
        summary=_summary(wizard, draft, around),
        overwritten=[_overwritten(wizard, item, around) for item in overwritten],
        finish=FinishView.model_validate(row.result) if row.result else None,
        has_assist=here.key in assists,
    )


def _state(wizard: Wizard, step: Step, here: Step, draft: Draft, around: Surroundings) -> StepState:
    if step.key == here.key:
        return "current"
    if step.key not in draft.done:
        before = itertools.takewhile(lambda other: other.key != step.key, wizard.shown_steps(draft.answers))
        return "open" if all(other.key in draft.done for other in before) else "ahead"
    return "wrong" if engine.judge(wizard, step, draft, around)[1] else "done"


def _field(field: Field, draft: Draft, wrong: Mapping[str, str], around: Surroundings) -> FieldView:
    inside = f"{field.key}."
    return _plain(field, draft.answers.get(field.key, field.initial), around).model_copy(
        update={
            "problem": wrong.get(field.key, ""),
            "guess": draft.guesses.get(field.key, ""),
            "columns": [_plain(column, column.initial, around) for column in field.columns],
            "problems": {path.removeprefix(inside): text for path, text in wrong.items() if path.startswith(inside)},
        }
    )


def _plain(field: Field, answer: Raw, around: Surroundings) -> FieldView:
    return FieldView(
        key=field.key,
        label=field.label,
        kind=field.kind,
        hint=field.hint,
        is_required=field.is_required,
        answer=answer,
        choices=[
            ChoiceView(value=item.value, label=item.label, hint=item.hint) for item in reading.choices_of(field, around)
        ],
        adds=field.adds,
        most=f"{field.most:f}" if field.most is not None else "",
        accepts=list(field.accepts),
        action_label=field.action_label,
        unit=around.currency if field.kind == "money" and not field.unit else field.unit,
    )


def _summary(wizard: Wizard, draft: Draft, around: Surroundings) -> list[SummaryView]:
    """Give every answer that is right in words, in the order of the steps; of steps to come only what was answered."""
    return [
        SummaryView(step=step.key, field=field.key, label=field.label, value=text, is_guess=field.key in draft.guesses)
        for step in wizard.shown_steps(draft.answers)
        for field in _right(wizard, step, draft, around)
        if (step.key in draft.done or field.key in draft.answers)
        and (text := say(field, draft.answers.get(field.key, field.initial), around))
    ]


def _right(wizard: Wizard, step: Step, draft: Draft, around: Surroundings) -> list[Field]:
    """Give the fields of a step that nothing is wrong with; what a closed draft holds was right in its time."""
    problems = engine.judge(wizard, step, draft, around)[1] if draft.status == "open" else {}
    wrong = {path.partition(".")[0] for path in problems}
    return [field for field in wizard.shown_fields(step, draft.answers) if field.key not in wrong]


def say(field: Field, answer: Raw, around: Surroundings) -> str:
    """Give an answer in words, nothing for none; what cannot be read is given as it was typed."""
    if is_blank(answer) or field.kind == "preview":
        return ""
    try:
        value = reading.read(field, answer, around)
    except reading.Wrong:
        return _short(answer) if isinstance(answer, str) else ""
    return _SAYERS.get(field.kind, _plainly)(field, value, answer, around)


def _label(field: Field, value: Any, _answer: Raw, around: Surroundings) -> str:
    labels = {item.value: item.label for item in reading.choices_of(field, around)}
    return ", ".join(labels.get(item, item) for item in ([value] if isinstance(value, str) else value))


def _amount(_field: Field, value: Any, _answer: Raw, around: Surroundings) -> str:
    return str(Money(value, around.currency))


def _count(field: Field, value: Any, _answer: Raw, _around: Surroundings) -> str:
    return wording.counted(field, len(value))


def _found(_field: Field, value: Any, _answer: Raw, _around: Surroundings) -> str:
    return str(value.get("says") or value.get("name") or "")


def _plainly(field: Field, value: Any, _answer: Raw, _around: Surroundings) -> str:
    text = f"{value:,}" if field.kind == "number" else str(value)
    return _short(text) + (f" {field.unit}" if field.unit else "")


def _local(_field: Field, value: Any, answer: Raw, around: Surroundings) -> str:
    zone = answer.get("zone") if isinstance(answer, Mapping) else None
    return f"{value.astimezone(ZoneInfo(zone or around.zone)):%-d %b %Y, %H:%M} ({zone or around.zone})"


_SAYERS: Final = {
    "choice": _label,
    "choices": _label,
    "moment": _local,
    "money": _amount,
    "rows": _count,
    "file": _found,
    "secret": _found,
    "act": _found,
}
"""How each kind is said."""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SAID else f"{line[: _MOST_SAID - 1]}…"


def _overwritten(wizard: Wizard, item: Overwritten, around: Surroundings) -> OverwrittenView:
    field = wizard.fields[item.field]
    answer: Any = item.lost
    return OverwrittenView(field=item.field, label=field.label, lost=say(field, answer, around) or "…", answer=answer)
