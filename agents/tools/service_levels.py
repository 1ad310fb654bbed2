"""Service levels: which tickets have missed their time, and which will, counted in business hours.

Only hours between opening and closing on working days count, in the company's time zone; a night, a weekend or a
holiday does not. Durations are real ones: the hour that a change of clocks adds or takes is counted as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import Heading, bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import local, things

_LONGEST: Final = timedelta(days=3 * 366)
"""Older tickets are not counted through day by day."""
_FURTHEST_DAYS: Final = 800


class BusinessHours(BaseModel):
    """When people work; Monday is 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time = time(9)
    closes: time = time(17)
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] = [0, 1, 2, 3, 4]
    holidays: list[date] = Field(default_factory=list, max_length=400)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("closes: must be later than opens")
        return self

    def between(self, start: datetime, end: datetime) -> float:
        """Give the business hours between two moments, which carry their zone."""
        return sum(
            (min(close, end) - max(opening, start)).total_seconds()
            for opening, close in self._days(start, end)
            if min(close, end) > max(opening, start)
        ) / 3600  # fmt: skip

    def after(self, start: datetime, hours: float) -> datetime:
        """Give the moment at which so many business hours have passed."""
        left = hours * 3600
        for opening, close in self._days(start, start + timedelta(days=_FURTHEST_DAYS)):
            begin = max(opening, start)
            room = (close - begin).total_seconds()
            if room >= left:
                return begin + timedelta(seconds=left)
            left -= max(room, 0.0)
        raise ToolNeedsMore("hours: the time allowed is longer than two years of business hours")

    def _days(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give opening and closing of each working day, in UTC so that differences are real time."""
        zone, day = start.tzinfo or ZoneInfo("UTC"), start.date()
        while day <= end.astimezone(zone).date():
            if day.weekday() in self.weekdays and day not in self.holidays:
                utc = ZoneInfo("UTC")
                yield (
                    datetime.combine(day, self.opens, zone).astimezone(utc),
                    datetime.combine(day, self.closes, zone).astimezone(utc),
                )
            day += timedelta(days=1)


class ServiceTarget(BaseModel):
    """What was promised for a priority, in business hours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    priority: str = Field(min_length=1, max_length=40)
    reply_hours: float = Field(gt=0, le=2000)
    solve_hours: float = Field(gt=0, le=5000)


class TimedTicket(BaseModel):
    """A ticket with its moments; what has not happened yet is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=60)
    priority: str = Field(min_length=1, max_length=40)
    opened_at: datetime
    replied_at: datetime | None = None
    solved_at: datetime | None = None
    owner: str = Field("", max_length=80)


class ServiceLevelArgs(Args):
    """Tickets, targets and hours."""

    tickets: Annotated[list[TimedTicket], Field(min_length=1, max_length=1000)]
    targets: Annotated[list[ServiceTarget], Field(min_length=1, max_length=20)]
    hours: BusinessHours = BusinessHours()
    as_of: datetime | None = Field(None, description="The moment of the report; now without it")
    warn_at: float = Field(75, ge=10, le=99, description="Percent of the time used from which a ticket is at risk")


class Clock(BaseModel):
    """A promise on one ticket: the business hours used of those allowed."""

    model_config = ConfigDict(frozen=True)

    ticket: str
    owner: str
    what: Literal["reply", "solution"]
    used: float
    allowed: float
    due_at: datetime
    is_running: bool

    @property
    def is_late(self) -> bool:
        """Whether the promise was missed."""
        return self.used > self.allowed

    @property
    def left(self) -> float:
        """Business hours that are left; negative when late."""
        return self.allowed - self.used


_COLUMNS: Final[dict[str, Heading]] = {
    "ticket": "Ticket",
    "what": "Promise",
    "owner": "With",
    "used": ("Hours used", "number"),
    "allowed": ("Hours allowed", "number"),
    "due": "Due",
    "state": "State",
}


class ServiceLevels(ToolResult):
    """Missed and endangered promises."""

    late: list[Clock]
    at_risk: list[Clock]


@tool(
    facts={
        "tickets_read": "count",
        "promises": "count",
        "late_count": "count",
        "late_open_count": "count",
        "at_risk_count": "count",
        "kept_share": "percent",
        "next_ticket": "text",
        "next_left": "hours",
        "worst_ticket": "text",
        "worst_over": "hours",
        "median_reply": "hours",
        "late_owner": "text",
        "late_owner_count": "count",
    },
    parts={"running": "table", "late": "table", "kept": "series"},
)
def service_level_watch(context: ToolContext, args: ServiceLevelArgs) -> ServiceLevels:
    """Count business hours against promised reply and solution times; list what is late and what soon will be."""
    now = local(args.as_of or context.now, context.timezone)
    targets = {item.priority.lower(): item for item in args.targets}
    clocks = [clock for ticket in args.tickets for clock in _clocks(ticket, targets, args.hours, now, context.timezone)]
    late = sorted((item for item in clocks if item.is_late), key=lambda item: (not item.is_running, item.left))
    at_risk = sorted(
        (
            item
            for item in clocks
            if item.is_running and not item.is_late and item.used >= item.allowed * args.warn_at / 100
        ),
        key=lambda item: item.left,
    )
    return ServiceLevels(
        source="input",
        late=late,
        at_risk=at_risk,
        facts=_facts(args, clocks, late, at_risk),
        parts={
            "running": table(
                "Still to be kept, the most pressing first", [_row(item) for item in at_risk], currency=None, **_COLUMNS
            ),
            "late": table(
                "Missed, open ones before closed ones", [_row(item) for item in late], currency=None, **_COLUMNS
            ),
            "kept": bars("Promises kept", _kept_by_priority(args.tickets, clocks), "%"),
        },
    )


def _clocks(
    ticket: TimedTicket, targets: dict[str, ServiceTarget], hours: BusinessHours, now: datetime, timezone: str
) -> Iterator[Clock]:
    target = targets.get(ticket.priority.lower())
    if target is None:
        raise ToolNeedsMore(f"targets: there is none for priority {ticket.priority!r} of ticket {ticket.id}")
    opened = local(ticket.opened_at, timezone)
    if opened > now:
        raise ToolNeedsMore(f"tickets: {ticket.id} was opened after the moment of the report")
    if now - opened > _LONGEST:
        raise ToolNeedsMore(f"tickets: {ticket.id} is older than three years")
    replied = ticket.replied_at or ticket.solved_at
    moments: tuple[tuple[Literal["reply", "solution"], datetime | None, float], ...] = (
        ("reply", replied, target.reply_hours),
        ("solution", ticket.solved_at, target.solve_hours),
    )
    for what, done, allowed in moments:
        end = local(done, timezone) if done else now
        yield Clock(
            ticket=ticket.id,
            owner=ticket.owner,
            what=what,
            used=hours.between(opened, max(end, opened)),
            allowed=allowed,
            due_at=hours.after(opened, allowed).astimezone(opened.tzinfo),
            is_running=done is None,
        )


def _facts(args: ServiceLevelArgs, clocks: list[Clock], late: list[Clock], at_risk: list[Clock]) -> list[Fact]:
    from numpy import median

    settled = [item for item in clocks if item.is_late or not item.is_running]
    replies = [item.used for item in clocks if item.what == "reply" and not item.is_running]
    made = [
        things("tickets_read", "Tickets", len(args.tickets), "ticket"),
        things("promises", "Promises settled", len(settled), "promise"),
        things("late_count", "Promises missed", len(late), "promise"),
        things("late_open_count", "Missed and still open", sum(item.is_running for item in late), "promise"),
        things("at_risk_count", "At risk", len(at_risk), "promise"),
    ]
    if settled:
        kept = sum(not item.is_late for item in settled) / len(settled)
        made.append(facts.percent("kept_share", "Promises kept", kept * 100, digits=0))
    if replies:
        made.append(facts.span("median_reply", "Median time to reply", float(median(replies)), "hours", digits=1))
    if at_risk:
        made += [
            facts.text("next_ticket", "Next to run out", at_risk[0].ticket),
            facts.span("next_left", "Business time left", at_risk[0].left, "hours", digits=1),
        ]
    if late:
        worst = min(late, key=lambda item: item.left)
        owners = [item.owner for item in late if item.owner]
        made += [
            facts.text("worst_ticket", "Furthest over its time", worst.ticket),
            facts.span("worst_over", "Over by", -worst.left, "hours", digits=1),
        ]
        if owners:
            owner = max(dict.fromkeys(owners), key=owners.count)
            made += [
                facts.text("late_owner", "Has most missed promises", owner),
                things("late_owner_count", "How many", owners.count(owner), "promise"),
            ]
    return made


def _kept_by_priority(tickets: list[TimedTicket], clocks: list[Clock]) -> list[tuple[str, float]]:
    priority = {ticket.id: ticket.priority for ticket in tickets}
    groups: dict[str, list[bool]] = {}
    for item in clocks:
        if item.is_late or not item.is_running:
            groups.setdefault(priority[item.ticket], []).append(not item.is_late)
    return [(name, round(sum(kept) / len(kept) * 100, 1)) for name, kept in groups.items()]


def _row(item: Clock) -> dict[str, Cell]:
    return {
        "ticket": item.ticket,
        "what": item.what,
        "owner": item.owner,
        "used": round(item.used, 1),
        "allowed": item.allowed,
        "due": f"{item.due_at:%Y-%m-%d %H:%M}",
        "state": "open" if item.is_running else "done",
    }
