"""Staffing: how many people each hour needs, by the Erlang C formula.

For A = arrivals x handling time (in erlangs) and n people, the chance of waiting is C = n B / (n - A (1 - B)), where B
is Erlang's loss formula by its recurrence B(0) = 1, B(k) = A B(k-1) / (k + A B(k-1)) (Erlang 1917; Cooper:
Introduction to Queueing Theory, ch. 3). The share answered within t is 1 - C exp(-(n - A) t / h), the mean wait
C h / (n - A). The formula takes arrivals at random, nobody who gives up, and a queue in turn: it asks for rather too
many people.
"""

from __future__ import annotations

import math
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_MOST_PEOPLE: Final = 5000
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


class HourDemand(BaseModel):
    """Contacts that arrive in an hour, and the people on duty where that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hour: int = Field(ge=0, le=23, description="The hour at which it begins")
    contacts: float = Field(ge=0, le=20_000)
    on_duty: int | None = Field(None, ge=0, le=_MOST_PEOPLE)


class StaffingArgs(Args):
    """The demand of a day and what is promised."""

    demand: Annotated[list[HourDemand], Field(min_length=1, max_length=24)]
    handling_seconds: float = Field(ge=5, le=7200, description="Mean time of a contact with its after-work")
    answer_share: float = Field(80, ge=1, le=99.9, description="Percent that is to be answered in time")
    answer_seconds: float = Field(20, ge=0, le=3600, description="What in time means")
    shrinkage: float = Field(30, ge=0, le=80, description="Percent of paid time in breaks, training, sickness")
    most_busy: float = Field(85, ge=30, le=100, description="Percent of their time that people may be busy")

    @field_validator("demand")
    @classmethod
    def _each_hour_apart(cls, demand: list[HourDemand]) -> list[HourDemand]:
        hours = [item.hour for item in demand]
        if len(set(hours)) < len(hours):
            raise ValueError("an hour is given more than once")
        return sorted(demand, key=lambda item: item.hour)


class StaffedHour(BaseModel):
    """What an hour needs: people who answer, people to schedule, and how it then goes."""

    model_config = ConfigDict(frozen=True)

    hour: int
    contacts: float
    erlangs: float
    people: int
    scheduled: int
    on_duty: int | None
    service: float
    wait_seconds: float
    busy: float

    @property
    def missing(self) -> int:
        """How many of the scheduled people the roster lacks."""
        return max(self.scheduled - self.on_duty, 0) if self.on_duty is not None else 0


class Staffing(ToolResult):
    """The plan of a day."""

    hours: list[StaffedHour]


@tool(
    facts={
        "hours_planned": "count",
        "contacts": "count",
        "peak_hour": "text",
        "peak_people": "count",
        "peak_scheduled": "count",
        "peak_contacts": "count",
        "peak_service": "percent",
        "peak_wait": "number",
        "promised_share": "percent",
        "promised_seconds": "number",
        "people_hours": "count",
        "mean_busy": "percent",
        "short_hours": "count",
        "worst_hour": "text",
        "worst_missing": "count",
        "spare_hours": "count",
    },
    parts={"plan": "table", "people": "series"},
)
def staffing_plan(context: ToolContext, args: StaffingArgs) -> Staffing:
    """Work out by Erlang C how many people each hour needs for a promised answer time, and where the roster lacks."""
    del context
    hours = [_staff(item, args) for item in args.demand]
    return Staffing(
        source="input",
        hours=hours,
        facts=_facts(args, hours),
        parts={
            "plan": table(
                "People by the hour",
                [_row(item) for item in hours],
                hour="Hour",
                contacts=("Contacts", "number"),
                people=("Answering", "number"),
                scheduled=("To schedule", "number"),
                on_duty=("On the roster", "number"),
                service=("Answered in time", "percent"),
                wait=("Mean wait, seconds", "number"),
                busy=("Busy", "percent"),
            ),
            "people": Series(
                title="People to schedule",
                form="bar",
                unit="people",
                points=[Point(x=_clock(item.hour), y=item.scheduled) for item in hours],
            ),
        },
    )


def waiting_chance(erlangs: float, people: int) -> float:
    """Give Erlang C: the chance that a contact has to wait; 1 where people are too few for the load."""
    if people <= erlangs:
        return 1.0
    blocked = 1.0
    for count in range(1, people + 1):
        blocked = erlangs * blocked / (count + erlangs * blocked)
    return people * blocked / (people - erlangs * (1 - blocked))


def service_level(erlangs: float, people: int, handling_seconds: float, within_seconds: float) -> float:
    """Give the share of contacts that is answered within a time."""
    if people <= erlangs:
        return 0.0
    wait = math.exp(-(people - erlangs) * within_seconds / handling_seconds)
    return 1 - waiting_chance(erlangs, people) * wait


def _staff(item: HourDemand, args: StaffingArgs) -> StaffedHour:
    erlangs = item.contacts * args.handling_seconds / 3600
    people = max(math.ceil(erlangs / (args.most_busy / 100)), 1) if erlangs else 0
    while (
        erlangs and service_level(erlangs, people, args.handling_seconds, args.answer_seconds) < args.answer_share / 100
    ):
        people += 1
    room = people - erlangs
    wait = waiting_chance(erlangs, people) * args.handling_seconds / room if room > 0 else 0.0
    return StaffedHour(
        hour=item.hour,
        contacts=item.contacts,
        erlangs=erlangs,
        people=people,
        scheduled=math.ceil(round(people / (1 - args.shrinkage / 100), 9)),
        on_duty=item.on_duty,
        service=service_level(erlangs, people, args.handling_seconds, args.answer_seconds) if erlangs else 1.0,
        wait_seconds=wait,
        busy=erlangs / people if people else 0.0,
    )


def _facts(args: StaffingArgs, hours: list[StaffedHour]) -> list[Fact]:
    peak = max(hours, key=lambda item: item.scheduled)
    people = sum(item.people for item in hours)
    short = [item for item in hours if item.missing]
    seconds = facts.number("promised_seconds", "Promised time", args.answer_seconds, digits=0)
    wait = facts.number("peak_wait", "Mean wait in the busiest hour", peak.wait_seconds, digits=0)
    made = [
        things("hours_planned", "Hours planned", len(hours), "hour"),
        things("contacts", "Contacts", round(sum(item.contacts for item in hours)), "contact"),
        facts.text("peak_hour", "Busiest hour, from", _clock(peak.hour)),
        things("peak_people", "People answering then", peak.people, "person", "people"),
        things("peak_scheduled", "People to schedule then", peak.scheduled, "person", "people"),
        things("peak_contacts", "Contacts then", round(peak.contacts), "contact"),
        facts.percent("peak_service", "Answered in time then", peak.service * 100),
        _seconds(wait),
        facts.percent("promised_share", "Promised share", args.answer_share),
        _seconds(seconds),
        things("people_hours", "Hours to schedule in all", sum(i.scheduled for i in hours), "paid hour"),
        things("short_hours", "Hours with too few on the roster", len(short), "hour"),
        things(
            "spare_hours", "Hours with more than needed", sum((i.on_duty or 0) > i.scheduled for i in hours), "hour"
        ),
    ]
    if people:
        busy = sum(item.erlangs for item in hours) / people
        made.append(facts.percent("mean_busy", "Mean share of time spent on contacts", busy * 100, digits=0))
    if short:
        worst = max(short, key=lambda item: item.missing)
        made += [
            facts.text("worst_hour", "Hour that lacks most people, from", _clock(worst.hour)),
            things("worst_missing", "How many it lacks", worst.missing, "person", "people"),
        ]
    return made


def _seconds(fact: Fact) -> Fact:
    word = "second" if fact.value == 1 else "seconds"
    return fact.model_copy(update={"rendered": f"{fact.rendered}{_NO_BREAK}{word}"})


def _row(item: StaffedHour) -> dict[str, Cell]:
    return {
        "hour": _clock(item.hour),
        "contacts": item.contacts,
        "people": item.people,
        "scheduled": item.scheduled,
        "on_duty": item.on_duty,
        "service": round(item.service * 100, 1),
        "wait": round(item.wait_seconds, 1),
        "busy": round(item.busy * 100, 1),
    }


def _clock(hour: int) -> str:
    return f"{hour:02d}:00"
