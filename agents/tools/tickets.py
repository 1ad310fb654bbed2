"""Tickets: priority and category of each, and which of them tell of the same thing.

Category: that of the most similar labelled ticket (cosine of TF-IDF) where examples are given and one is near enough,
otherwise the rule with most words in the text. A ticket's text is data; whatever it orders is not done.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.comments import mood_of
from agents.tools.forms import things
from agents.tools.ticket_likeness import groups, learned_categories
from agents.tools.ticket_rules import OTHER, Priority, category_of, priority_of, signs_in

_ANGRY: Final = -0.5
"""Mood of a text from which its writer is angry."""


class Ticket(BaseModel):
    """A message to support."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=60)
    subject: str = Field("", max_length=300)
    body: str = Field(min_length=1, max_length=10_000)
    customer: str = Field("", max_length=120)
    opened_at: datetime | None = None
    is_key_customer: bool = False

    @property
    def text(self) -> str:
        """Subject and body."""
        return f"{self.subject}. {self.body}" if self.subject else self.body


class LabelledText(BaseModel):
    """An earlier ticket whose category is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=3, max_length=5000)
    category: str = Field(min_length=1, max_length=60)


class TriagedTicket(BaseModel):
    """A ticket judged; `group` is the id of the first ticket of its group of duplicates."""

    model_config = ConfigDict(frozen=True)

    ticket: Ticket
    category: str
    priority: Priority
    points: int
    reasons: list[str]
    group: str | None = None


class TicketTriageArgs(Args):
    """Open tickets, and labelled ones to learn the categories from."""

    tickets: Annotated[list[Ticket], Field(min_length=1, max_length=500)]
    examples: Annotated[list[LabelledText], Field(max_length=1000)] = Field(
        default_factory=list, description="Earlier tickets with their categories"
    )


class TicketTriage(ToolResult):
    """The queue, the most pressing first."""

    queue: list[TriagedTicket]


@tool(
    facts={
        "tickets_read": "count",
        "urgent_count": "count",
        "high_count": "count",
        "first_ticket": "text",
        "first_subject": "text",
        "first_reason": "text",
        "duplicate_count": "count",
        "duplicate_groups": "count",
        "largest_group_count": "count",
        "largest_group_subject": "text",
        "top_category": "text",
        "top_category_count": "count",
        "top_category_share": "percent",
        "uncertain_count": "count",
    },
    parts={"queue": "table", "categories": "series", "duplicates": "table"},
)
def ticket_triage(context: ToolContext, args: TicketTriageArgs) -> TicketTriage:
    """Give each ticket a priority and a category with reasons, and group tickets that tell of the same thing."""
    del context
    texts = [item.text for item in args.tickets]
    learned = learned_categories(texts, [(item.text, item.category) for item in args.examples])
    leads = [None if place is None else args.tickets[place].id for place in groups(texts)]
    triaged = [_judge(*judged) for judged in zip(args.tickets, learned, leads, strict=True)]
    triaged.sort(key=lambda item: -item.points)
    return TicketTriage(
        source="input",
        queue=triaged,
        facts=_facts(triaged),
        parts={
            "queue": table(
                "Tickets, the most pressing first",
                [_row(item) for item in triaged],
                id="Ticket",
                priority="Priority",
                category="Category",
                subject="Subject",
                reasons="Why",
                group="Same as",
            ),
            "categories": bars(
                "Tickets by category",
                [(name, float(number)) for name, number in Counter(item.category for item in triaged).most_common()],
                "tickets",
            ),
            "duplicates": table(
                "Tickets that tell of the same thing",
                [_row(item) for item in sorted(triaged, key=lambda item: item.group or "") if item.group],
                group="Group",
                id="Ticket",
                customer="Customer",
                subject="Subject",
            ),
        },
    )


def _judge(ticket: Ticket, learned: str | None, group: str | None) -> TriagedTicket:
    found = signs_in(ticket.text)
    points = sum(sign.points for sign in found)
    reasons = [sign.reason for sign in found]
    if mood_of(ticket.text) <= _ANGRY:
        points, reasons = points + 1, [*reasons, "angry"]
    if ticket.is_key_customer:
        points, reasons = points + 2, [*reasons, "key customer"]
    category = learned or category_of(ticket.text)
    if category in ("fault", "access", "billing"):
        points += 1
    return TriagedTicket(
        ticket=ticket,
        category=category,
        priority=priority_of(points),
        points=points,
        reasons=reasons,
        group=group,
    )


def _facts(triaged: list[TriagedTicket]) -> list[Fact]:
    first = triaged[0]
    grouped = Counter(item.group for item in triaged if item.group)
    category, number = Counter(item.category for item in triaged).most_common(1)[0]
    made = [
        things("tickets_read", "Tickets read", len(triaged), "ticket"),
        things("urgent_count", "Urgent", sum(item.priority == "urgent" for item in triaged), "urgent ticket"),
        things("high_count", "High priority", sum(item.priority == "high" for item in triaged), "ticket"),
        facts.text("first_ticket", "To be taken up before all others", first.ticket.id),
        facts.text("first_subject", "Its subject", first.ticket.subject or first.ticket.body),
        things("duplicate_count", "Repeats of another ticket", grouped.total() - len(grouped), "repeat"),
        things("duplicate_groups", "Groups of tickets about the same thing", len(grouped), "group"),
        facts.text("top_category", "Most frequent category", category),
        things("top_category_count", "Tickets of it", number, "ticket"),
        facts.percent("top_category_share", "Its share", number / len(triaged) * 100, digits=0),
        things("uncertain_count", "Without a clear category", sum(i.category == OTHER for i in triaged), "ticket"),
    ]
    if first.reasons:
        made.append(facts.text("first_reason", "Why it comes before the others", first.reasons[0]))
    if grouped:
        group, size = grouped.most_common(1)[0]
        lead = next(item.ticket for item in triaged if item.ticket.id == group)
        made += [
            things("largest_group_count", "Tickets of the largest group", size, "ticket"),
            facts.text("largest_group_subject", "What the largest group is about", lead.subject or lead.body),
        ]
    return made


def _row(item: TriagedTicket) -> dict[str, Cell]:
    return {
        "id": item.ticket.id,
        "priority": item.priority,
        "category": item.category,
        "subject": facts.text("subject", "", item.ticket.subject or item.ticket.body).rendered,
        "customer": item.ticket.customer,
        "reasons": "; ".join(item.reasons),
        "group": item.group or "",
    }
