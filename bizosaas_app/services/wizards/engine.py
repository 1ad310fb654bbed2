"""The engine: an operation and a draft in, the new draft and what follows from it out. Pure, one for all wizards.

What it keeps, whatever the order of operations:

- an answer changes only by an operation that names it; what a later save overwrites of another tab is given back;
- a guess of an agent never takes the place of something that a person typed, and never makes its step wrong;
- a step is left forwards only when it is right, and completion looks at all steps again;
- a draft is completed once, and nothing changes it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.wizards import reading
from bizosaas_app.services.wizards.conditions import Raw, is_blank
from bizosaas_app.services.wizards.fields import SERVER_KINDS, Step, Surroundings, Wizard
from bizosaas_app.services.wizards.operations import (
    Complete,
    Continue,
    Discard,
    Draft,
    DraftClosed,
    Go,
    Guess,
    Keep,
    Operation,
    Outcome,
    Overwritten,
    Propose,
    Save,
    StepOutOfOrder,
)


def begin(wizard: Wizard, answers: Mapping[str, Raw] | None = None) -> Draft:
    """Give a fresh draft at the first step; answers that are known already count as typed."""
    fresh = {key: value for key, value in (answers or {}).items() if not is_blank(value)}
    return Draft(wizard.steps[0].key, answers=fresh)


def apply(wizard: Wizard, draft: Draft, operation: Operation, around: Surroundings) -> Outcome:
    """Give the outcome of an operation; raises `DraftClosed`, `StepOutOfOrder` or `InputInvalid` by field."""
    if isinstance(operation, Complete) and draft.status == "completed":
        return Outcome(draft)
    if draft.status != "open":
        raise DraftClosed
    return _do(wizard, draft, operation, around)


def _do(wizard: Wizard, draft: Draft, operation: Operation, around: Surroundings) -> Outcome:
    match operation:
        case Save(answers, seen):
            saved, overwritten = _save(wizard, draft, answers, seen)
            outcome = Outcome(saved, _touched(wizard, saved, answers, around), overwritten)
        case Continue():
            outcome = _continue(wizard, draft, operation, around)
        case Go(step):
            outcome = _go(wizard, draft, step, around)
        case Propose(guesses):
            outcome = Outcome(_propose(wizard, draft, guesses, around))
        case Keep(name, answer):
            outcome = Outcome(_keep(wizard, draft, name, answer))
        case Complete():
            outcome = _complete(wizard, draft, around)
        case Discard():
            outcome = Outcome(replace(draft, status="discarded", version=draft.version + 1))
    return outcome


def judge(wizard: Wizard, step: Step, draft: Draft, around: Surroundings) -> tuple[dict[str, Any], dict[str, str]]:
    """Give a step's values and its problems; rules over several fields are asked when those fields are right."""
    values, problems = reading.read_all(wizard.shown_fields(step, draft.answers), draft.answers, around)
    known = values | _values_before(wizard, step, draft, around)
    for check in step.checks:
        if not any(name.partition(".")[0] in check.reads for name in problems):
            problems |= {name: text for name, text in check.judge(known, around).items() if name not in problems}
    return values, problems


def values_of(wizard: Wizard, draft: Draft, around: Surroundings) -> dict[str, Any]:
    """Give the values of all shown steps that are right so far."""
    values: dict[str, Any] = {}
    for step in wizard.shown_steps(draft.answers):
        values |= judge(wizard, step, draft, around)[0]
    return values


def first_wrong(wizard: Wizard, draft: Draft, around: Surroundings) -> tuple[Step, dict[str, str]] | None:
    """Give the first shown step that is not right, with its problems."""
    for step in wizard.shown_steps(draft.answers):
        _, problems = judge(wizard, step, draft, around)
        if problems:
            return step, problems
    return None


def _values_before(wizard: Wizard, until: Step, draft: Draft, around: Surroundings) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for step in wizard.shown_steps(draft.answers):
        if step.key == until.key:
            break
        values |= reading.read_all(wizard.shown_fields(step, draft.answers), draft.answers, around)[0]
    return values


def _save(wizard: Wizard, draft: Draft, answers: Mapping[str, Raw], seen: int) -> tuple[Draft, tuple[Overwritten, ...]]:
    known = wizard.fields
    foreign = {key: "There is no such field here" for key in answers if key not in known}
    foreign |= {
        key: "Only the server can write this" for key in answers.keys() - foreign if known[key].kind in SERVER_KINDS
    }
    if foreign:
        raise InputInvalid(foreign)
    changed = {key: value for key, value in answers.items() if draft.answers.get(key, known[key].initial) != value}
    if not changed and draft.guesses.keys().isdisjoint(answers):
        return draft, ()
    lost = tuple(
        Overwritten(key, draft.answers[key])
        for key in changed
        if draft.revisions.get(key, 0) > seen and not is_blank(draft.answers.get(key))
    )
    version = draft.version + 1
    saved = replace(
        draft,
        answers={**draft.answers, **changed},
        revisions={**draft.revisions, **dict.fromkeys(changed, version)},
        guesses={key: reason for key, reason in draft.guesses.items() if key not in answers},
        version=version,
    )
    return _void(wizard, saved, changed), lost


def _void(wizard: Wizard, draft: Draft, changed: Mapping[str, Raw]) -> Draft:
    """Take away outcomes that were found for other answers than the present ones."""
    void = {
        key
        for key, item in wizard.fields.items()
        if item.kind == "act" and key in draft.answers and not changed.keys().isdisjoint(item.depends_on)
    }
    if not void:
        return draft
    kept = {key: value for key, value in draft.answers.items() if key not in void}
    return _void(wizard, replace(draft, answers=kept), dict.fromkeys(void))


def _touched(wizard: Wizard, draft: Draft, answers: Mapping[str, Raw], around: Surroundings) -> dict[str, str]:
    """Give what is wrong with what was just saved: a field that nobody has come to yet is not reproached."""
    problems: dict[str, str] = {}
    for key in dict.fromkeys(wizard.step_of(name) for name in answers):
        problems |= judge(wizard, wizard.step(key), draft, around)[1]
    return {
        name: text for name, text in problems.items()
        if name.partition(".")[0] in answers and not is_blank(draft.answers.get(name.partition(".")[0]))
    }  # fmt: skip


def _continue(wizard: Wizard, draft: Draft, operation: Continue, around: Surroundings) -> Outcome:
    saved, overwritten = _save(wizard, draft, operation.answers, operation.seen)
    keys = [step.key for step in wizard.shown_steps(saved.answers)]
    if operation.step not in keys:
        raise StepOutOfOrder
    step = wizard.step(operation.step)
    _, problems = judge(wizard, step, saved, around)
    if problems:
        return Outcome(replace(saved, step=step.key), problems, overwritten)
    place = keys.index(step.key)
    following = keys[min(place + 1, len(keys) - 1)]
    moved = replace(saved, step=following, done=saved.done | {step.key}, version=saved.version + 1)
    return Outcome(moved, {}, overwritten)


def _go(wizard: Wizard, draft: Draft, wanted: str, around: Surroundings) -> Outcome:
    keys = [step.key for step in wizard.shown_steps(draft.answers)]
    if wanted not in keys:
        raise StepOutOfOrder
    here = keys.index(draft.step) if draft.step in keys else 0
    for key in keys[here : keys.index(wanted)]:
        _, problems = judge(wizard, wizard.step(key), draft, around)
        if problems or (key not in draft.done and key != draft.step):
            return Outcome(replace(draft, step=key, version=draft.version + 1), problems)
    passed = frozenset(keys[here : keys.index(wanted)])
    return Outcome(replace(draft, step=wanted, done=draft.done | passed, version=draft.version + 1))


def is_free(draft: Draft, name: str) -> bool:
    """Say whether nobody has typed an answer to the field: it is empty, or still an agent's guess."""
    return is_blank(draft.answers.get(name)) or name in draft.guesses


def _propose(wizard: Wizard, draft: Draft, guesses: Mapping[str, Guess], around: Surroundings) -> Draft:
    free = {
        key: guess
        for key, guess in guesses.items()
        if key in wizard.fields
        and wizard.fields[key].kind not in SERVER_KINDS
        and not is_blank(guess.value)
        and is_free(draft, key)
    }
    fitting = {
        key: guess
        for step in wizard.steps
        for key, guess in _sound(wizard, step, draft, free, around).items()
    }  # fmt: skip
    return _with_guesses(wizard, draft, fitting) if fitting else draft


def _sound(
    wizard: Wizard, step: Step, draft: Draft, guesses: Mapping[str, Guess], around: Surroundings
) -> Mapping[str, Guess]:
    """Give the guesses of a step that are asked for and bring no fault into it.

    A guess that is at fault itself is left out alone. Where the fault shows in a field that a person answers, which
    guess has brought it cannot be told: then all of the step's are left out.
    """
    kept = {field.key: guesses[field.key] for field in step.fields if field.key in guesses}
    faults = judge(wizard, step, draft, around)[1].keys()
    while kept:
        after = _with_guesses(wizard, draft, kept)
        shown = {field.key for field in wizard.shown_fields(step, after.answers)}
        heads = {path: path.partition(".")[0] for path in judge(wizard, step, after, around)[1]}
        new = {name for path, name in heads.items() if name in kept or path not in faults}
        wrong = {key for key in kept if key in new or key not in shown}
        if not new and not wrong:
            return kept
        kept = {key: guess for key, guess in kept.items() if key not in wrong} if wrong else {}
    return kept


def _with_guesses(wizard: Wizard, draft: Draft, guesses: Mapping[str, Guess]) -> Draft:
    version, values = draft.version + 1, {key: guess.value for key, guess in guesses.items()}
    proposed = replace(
        draft,
        answers={**draft.answers, **values},
        revisions={**draft.revisions, **dict.fromkeys(guesses, version)},
        guesses={**draft.guesses, **{key: guess.reason for key, guess in guesses.items()}},
        version=version,
    )
    return _void(wizard, proposed, values)


def _keep(wizard: Wizard, draft: Draft, name: str, answer: Mapping[str, Any] | None) -> Draft:
    if name not in wizard.fields or wizard.fields[name].kind not in SERVER_KINDS:
        raise InputInvalid({name: "There is no such field here"})
    answers = {key: value for key, value in draft.answers.items() if key != name}
    if answer is not None:
        answers[name] = dict(answer)
    version = draft.version + 1
    kept = replace(draft, answers=answers, revisions={**draft.revisions, name: version}, version=version)
    return _void(wizard, kept, {name: answer})


def _complete(wizard: Wizard, draft: Draft, around: Surroundings) -> Outcome:
    wrong = first_wrong(wizard, draft, around)
    if wrong is not None:
        step, problems = wrong
        return Outcome(replace(draft, step=step.key, version=draft.version + 1), problems)
    values = values_of(wizard, draft, around)
    done = frozenset(step.key for step in wizard.shown_steps(draft.answers))
    return Outcome(replace(draft, status="completed", done=done, version=draft.version + 1), values=values)
