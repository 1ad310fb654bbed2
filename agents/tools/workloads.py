"""Workloads: who does which of the tasks that are due, so that nobody gets more than they have hours for.

Each person is laid out as places, one for each task of mean size that still fits, and all waiting tasks are assigned to
places at least cost (scipy's linear_sum_assignment, the Hungarian problem). The cost is what the task adds to
load^2 / hours, whose sum is least when everybody has the same share of hours in use. What does not fit after all,
because sizes differ, is assigned again. A task that no free person can do stays open, with the reason.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Item
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_IMPOSSIBLE: Final = 1e6
_FULL: Final = 0.9

Skill = Annotated[str, Field(min_length=1, max_length=40)]


class Person(BaseModel):
    """Somebody with hours to give; `booked` of them are taken already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    hours: float = Field(gt=0, le=400)
    booked: float = Field(0, ge=0, le=400)
    skills: list[Skill] = Field(default_factory=list, max_length=40)


class Task(BaseModel):
    """Work that is due."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    hours: float = Field(gt=0, le=400)
    due_on: date | None = None
    skill: Skill | None = None


class WorkloadArgs(Args):
    """The people and the work."""

    people: Annotated[list[Person], Field(min_length=1, max_length=100)]
    tasks: Annotated[list[Task], Field(min_length=1, max_length=500)]

    @field_validator("people")
    @classmethod
    def _each_once(cls, people: list[Person]) -> list[Person]:
        if len({item.name for item in people}) < len(people):
            raise ValueError("a name is given more than once")
        return people


class Assigned(BaseModel):
    """A task and who does it; `person` is None where nobody can, and then `why` says it."""

    model_config = ConfigDict(frozen=True)

    task: Task
    person: str | None
    why: str = ""


class Workload(ToolResult):
    """The assignments, the earliest due first."""

    assigned: list[Assigned]


@tool(
    facts={
        "task_count": "count",
        "assigned_count": "count",
        "open_count": "count",
        "open_hours": "hours",
        "people_count": "count",
        "work_hours": "hours",
        "free_hours": "hours",
        "use": "percent",
        "busiest": "text",
        "busiest_use": "percent",
        "freest": "text",
        "freest_hours": "hours",
        "spread": "number",
        "open_task": "text",
        "open_reason": "text",
        "full_people": "count",
    },
    parts={"assignments": "table", "loads": "series", "open": "checklist"},
)
def workload_balance(context: ToolContext, args: WorkloadArgs) -> Workload:
    """Assign due tasks to people by skill and free hours, so that loads are even and nobody is overbooked."""
    del context
    load = {person.name: person.booked for person in args.people}
    tasks = sorted(args.tasks, key=lambda item: (item.due_on or date.max, -item.hours, item.name))
    done = _assign(args.people, tasks, load)
    assigned = [
        Assigned(task=task, person=done[number])
        if number in done
        else Assigned(task=task, person=None, why=_reason(args.people, task))
        for number, task in enumerate(tasks)
    ]
    return Workload(
        source="input",
        assigned=assigned,
        facts=_facts(args.people, assigned, load),
        parts={
            "assignments": table(
                "Who does what, the earliest due before the rest",
                [_row(item) for item in assigned if item.person],
                task="Task",
                person="Person",
                hours=("Hours", "number"),
                due=("Due", "date"),
                skill="Skill",
            ),
            "loads": bars(
                "Share of each person's hours in use",
                [(person.name, round(load[person.name] / person.hours * 100, 1)) for person in args.people],
                "%",
            ),
            "open": Checklist(
                title="Tasks that nobody can take",
                items=[Item(text=item.task.name, why=item.why) for item in assigned if item.person is None],
            ),
        },
    )


def _can(person: Person, task: Task, load: dict[str, float]) -> bool:
    has_skill = task.skill is None or task.skill.lower() in {item.lower() for item in person.skills}
    return has_skill and load[person.name] + task.hours <= person.hours + 1e-9


def _able(people: list[Person], task: Task, load: dict[str, float]) -> bool:
    return any(_can(person, task, load) for person in people)


def _assign(people: list[Person], tasks: list[Task], load: dict[str, float]) -> dict[int, str]:
    """Give the person of each task that finds one, by the task's number; `load` grows by it."""
    done: dict[int, str] = {}
    waiting = [n for n, task in enumerate(tasks) if _able(people, task, load)]
    by_name = {person.name: person for person in people}
    while waiting:
        pairs = _deal(people, [tasks[n] for n in waiting], load)
        for place, name in sorted(pairs):
            task = tasks[waiting[place]]
            if _can(by_name[name], task, load):
                done[waiting[place]] = name
                load[name] += task.hours
        waiting = [n for n in waiting if n not in done and _able(people, tasks[n], load)]
    return done


def _deal(people: list[Person], tasks: list[Task], load: dict[str, float]) -> list[tuple[int, str]]:
    """Propose a person for each task as far as places go, at least cost in sum; the earliest due go first."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    mean = sum(task.hours for task in tasks) / len(tasks)
    places = [
        (person, load[person.name] + turn * mean)
        for person in people
        for turn in range(min(max(int((person.hours - load[person.name]) / mean), 1), len(tasks)))
    ]
    chosen = tasks[: len(places)]
    costs = np.array(
        [
            [
                ((before + task.hours) ** 2 - before**2) / person.hours if _can(person, task, load) else _IMPOSSIBLE
                for person, before in places
            ]
            for task in chosen
        ]
    )
    rows, columns = linear_sum_assignment(costs)
    return [
        (int(row), places[int(column)][0].name)
        for row, column in zip(rows, columns, strict=True)
        if costs[row, column] < _IMPOSSIBLE
    ]


def _reason(people: list[Person], task: Task) -> str:
    if task.skill and not any(task.skill.lower() in {item.lower() for item in person.skills} for person in people):
        return f"Nobody has the skill {task.skill}."
    return "Nobody who can do it has enough hours left."


def _facts(people: list[Person], assigned: list[Assigned], load: dict[str, float]) -> list[Fact]:
    from numpy import std

    use = {person.name: load[person.name] / person.hours for person in people}
    left = {person.name: person.hours - load[person.name] for person in people}
    busiest, freest = max(use, key=lambda name: use[name]), max(left, key=lambda name: left[name])
    unserved = [item for item in assigned if item.person is None]
    total = sum(person.hours for person in people)
    made = [
        facts.count("task_count", "Tasks", len(assigned)),
        things("assigned_count", "Assigned", len(assigned) - len(unserved), "task"),
        things("open_count", "Without a person", len(unserved), "task"),
        facts.span("open_hours", "Their work", sum(item.task.hours for item in unserved), "hours", digits=1),
        things("people_count", "People", len(people), "person", "people"),
        facts.span("work_hours", "Work due", sum(item.task.hours for item in assigned), "hours", digits=1),
        facts.span("free_hours", "Hours left", sum(max(item, 0.0) for item in left.values()), "hours", digits=1),
        facts.percent("use", "Hours in use", sum(load.values()) / total * 100, digits=0),
        facts.text("busiest", "Busiest", busiest),
        facts.percent("busiest_use", "Of their hours in use", use[busiest] * 100, digits=0),
        facts.text("freest", "Has most hours left", freest),
        facts.span("freest_hours", "Hours left there", max(left[freest], 0.0), "hours", digits=1),
        facts.number("spread", "Spread of the loads, in points", float(std(list(use.values()))) * 100, digits=0),
        things("full_people", "Nearly full", sum(item >= _FULL for item in use.values()), "person", "people"),
    ]
    if unserved:
        made += [
            facts.text("open_task", "Task without a person", unserved[0].task.name),
            facts.text("open_reason", "Why", unserved[0].why),
        ]
    return made


def _row(item: Assigned) -> dict[str, Cell]:
    return {
        "task": item.task.name,
        "person": item.person,
        "hours": item.task.hours,
        "due": item.task.due_on.isoformat() if item.task.due_on else None,
        "skill": item.task.skill,
    }
