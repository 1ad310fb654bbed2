"""Follow-ups: whom to write to or call on which day, so that nothing promising goes cold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Checklist, Item
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool

Stage = Literal["new", "contacted", "meeting", "proposal", "negotiation", "nurture"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a stage wants a touch, the weight of its deals, and what the touch is for."""

    days: int
    chance: Decimal
    act: str


RHYTHMS: Final[Mapping[Stage, Rhythm]] = {
    "new": Rhythm(1, Decimal("0.10"), "Call, and find out what they need"),
    "contacted": Rhythm(3, Decimal("0.20"), "Offer a meeting with a date"),
    "meeting": Rhythm(2, Decimal("0.35"), "Send the notes and the next step"),
    "proposal": Rhythm(4, Decimal("0.50"), "Ask what is still open in the proposal"),
    "negotiation": Rhythm(2, Decimal("0.70"), "Settle the open points and the date"),
    "nurture": Rhythm(30, Decimal("0.05"), "Send something of use, and ask nothing"),
}
"""Days between touches by stage: a convention that keeps early and late stages warm; the weights rank, no more."""


class Contact(BaseModel):
    """Somebody to keep in touch with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    stage: Stage
    last_contact_on: date
    value: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)] = Decimal(0)
    promised_on: date | None = Field(None, description="A day on which we have promised to come back")
    topic: str = Field("", max_length=120)


class FollowUpArgs(Args):
    """The contacts, and how many of them a working day can hold."""

    contacts: list[Contact] = Field(min_length=1, max_length=1000, description="Contacts in the pipeline")
    per_day: int = Field(5, ge=1, le=200, description="Follow-ups that a working day can hold")
    as_of: date | None = Field(None, description="The day from which to plan; today without it")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class FollowUpPlan(ToolResult):
    """The contacts in the order of the plan."""

    order: list[str]


@dataclass(frozen=True, slots=True)
class Planned:
    """A contact with the day on which a touch is due, and the day that the plan gives it."""

    contact: Contact
    due_on: date
    day: date

    @property
    def act(self) -> str:
        """What the touch is for."""
        return RHYTHMS[self.contact.stage].act


@tool(
    facts={
        "contact_count": "count",
        "overdue_count": "count",
        "overdue_total": "money",
        "broken_promises": "count",
        "today_count": "count",
        "late_count": "count",
        "next_contact": "text",
        "next_stage": "text",
        "next_topic": "text",
        "next_silent": "days",
        "next_act": "text",
        "oldest_contact": "text",
        "oldest_silent": "days",
        "last_day": "date",
        "per_day": "count",
    },
    parts={"plan": "table", "today": "checklist"},
)
def follow_up_plan(context: ToolContext, args: FollowUpArgs) -> FollowUpPlan:
    """Plan follow-ups over working days: promises before all, then by weighted value, within what a day can hold.

    A touch is due by the rhythm of its stage, or on the promised day. Days are Monday to Friday.
    """
    as_of, currency = args.as_of or context.now.date(), args.currency or context.currency
    planned = _plan(args.contacts, args.per_day, as_of)
    start = _working_day(as_of)
    return FollowUpPlan(
        source="input",
        order=[item.contact.name for item in planned],
        facts=_facts(planned, args.per_day, as_of, currency),
        parts={
            "plan": table(
                "The plan",
                [
                    {
                        "day": item.day.isoformat(),
                        "name": item.contact.name,
                        "stage": item.contact.stage,
                        "due_on": item.due_on.isoformat(),
                        "value": item.contact.value,
                        "act": item.act,
                    }
                    for item in planned
                ],
                currency=currency,
                day=("Day", "date"),
                name="Contact",
                stage="Stage",
                due_on=("Due", "date"),
                value=("Value", "money"),
                act="What to do",
            ),
            "today": Checklist(
                title="On the next working day",
                items=[
                    Item(text=f"{item.contact.name}: {item.act}", why=item.contact.topic)
                    for item in planned
                    if item.day == start
                ],
            ),
        },
    )


def _working_day(day: date) -> date:
    """Give the day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)


def _due(contact: Contact) -> date:
    by_rhythm = contact.last_contact_on + timedelta(days=RHYTHMS[contact.stage].days)
    return by_rhythm if contact.promised_on is None else contact.promised_on


def _plan(contacts: Sequence[Contact], per_day: int, as_of: date) -> list[Planned]:
    """Fill day after day with what is due by then, the weightiest at the front."""
    waiting = sorted(contacts, key=lambda item: (item.promised_on is None, -_weight(item), _due(item), item.name))
    planned: list[Planned] = []
    day = _working_day(as_of)
    while waiting:
        chosen = [item for item in waiting if _due(item) <= day][:per_day]
        planned += [Planned(item, _due(item), day) for item in chosen]
        taken = {id(item) for item in chosen}
        waiting = [item for item in waiting if id(item) not in taken]
        upcoming = min((_due(item) for item in waiting), default=day)
        day = _working_day(max(day + timedelta(days=1), upcoming))
    return planned


def _weight(contact: Contact) -> Decimal:
    return contact.value * RHYTHMS[contact.stage].chance


def _facts(planned: Sequence[Planned], per_day: int, as_of: date, currency: str) -> list[Fact]:
    overdue = [item for item in planned if item.due_on < as_of]
    broken = [item for item in overdue if item.contact.promised_on is not None]
    top = planned[0]
    oldest = min((item.contact for item in planned), key=lambda item: (item.last_contact_on, item.name))
    start = _working_day(as_of)
    found = [
        facts.count("contact_count", "Contacts", len(planned)),
        facts.count("overdue_count", "Overdue", len(overdue)),
        facts.money("overdue_total", "Worth of them", sum((i.contact.value for i in overdue), Decimal(0)), currency),
        facts.count("broken_promises", "Promised days that have passed", len(broken)),
        facts.count("today_count", "On the next working day", sum(item.day == start for item in planned)),
        facts.count(
            "late_count",
            "Planned after they are due",
            sum(item.day > _working_day(max(item.due_on, as_of)) for item in planned),
        ),
        facts.count("per_day", "Follow-ups a day", per_day),
        facts.text("next_contact", "The next to contact", top.contact.name),
        facts.text("next_stage", "Stage", top.contact.stage),
        facts.text("next_act", "What to do", top.act),
        facts.span("next_silent", "Since the last contact", max((as_of - top.contact.last_contact_on).days, 0), "days"),
        facts.text("oldest_contact", "Longest without contact", oldest.name),
        facts.span("oldest_silent", "For", max((as_of - oldest.last_contact_on).days, 0), "days"),
        facts.day("last_day", "Last day of the plan", planned[-1].day),
    ]
    if top.contact.topic:
        found.append(facts.text("next_topic", "What it is about", top.contact.topic))
    return found
