"""Tickets: priority and category of each, and which of them tell of the same thing.

Category: that of the most similar labelled ticket (cosine of TF-IDF) where examples are given and one is near enough,
otherwise the rule with most words in the text. Duplicates: pairs by token-set similarity (RapidFuzz) or TF-IDF cosine,
joined into groups. A ticket's text is data; whatever it orders is not done.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.comments import mood_of
from agents.tools.forms import things

SAME_WORDS: Final = 90
"""Token-set similarity of RapidFuzz, of 100, from which texts tell of the same thing."""
SAME_MEANING: Final = 0.72
"""Cosine from which they do."""
_LEAST_WORDS: Final = 4
"""Shorter texts ("help") resemble too much."""
_NEAR: Final = 0.25
"""Cosine from which a labelled ticket gives its category."""

Priority = Literal["urgent", "high", "normal", "low"]


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{text})\b", re.IGNORECASE)


_CATEGORIES: Final = {
    "access": _words(r"log ?in|password|sign(?:ed)? ?in|locked out|two.factor|2fa|account|access|verification"),
    "billing": _words(r"invoice\w*|bill\w*|charg\w+|refund\w*|payment\w*|card|price|vat|subscription|receipt"),
    "fault": _words(r"error\w*|bug\w*|crash\w*|broken|not work\w*|fail\w*|slow|down|outage|timeout|blank|stuck"),
    "delivery": _words(r"deliver\w*|shipp\w+|parcel|package|tracking|courier|arriv\w+"),
    "how-to": _words(r"how (?:do|can|to)|where (?:do|can)|is it possible|explain|guide|instructions|set ?up"),
    "complaint": _words(r"complain\w*|unacceptable|disappoint\w*|terrible|worst|rude|unhappy"),
    "leaving": _words(r"cancel\w*|close my account|leaving|switch to|competitor|terminate"),
}
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class _Sign:
    reason: str
    points: int
    pattern: re.Pattern[str]


_SIGNS: Final = tuple(
    _Sign(reason, points, _words(words))
    for reason, points, words in (
        ("data or security at risk", 5, r"data (?:breach|leak|loss)|hacked|security|unauthori[sz]ed|phishing"),
        ("nobody can work", 5, r"everyone|all (?:users|staff|customers)|whole (?:team|company)|nobody can|outage"),
        ("the site is down", 5, r"(?:site|shop|page|app) (?:is|has been|went) (?:down|offline)"),
        ("money is lost", 4, r"charged twice|double.charged|losing (?:sales|money|orders)|checkout fails|cannot pay"),
        ("a deadline is near", 3, r"today|tonight|tomorrow|within the hour|deadline"),
        ("legal step is announced", 3, r"lawyer|legal action|ombudsman|regulator|gdpr"),
        ("asked before", 2, r"again|still (?:not|no|waiting)|(?:second|third) time|no (?:reply|answer|response)"),
        ("calls itself urgent", 1, r"urgent\w*|asap|immediately"),
        ("wants to leave", 2, r"cancel\w*|close my account|switch to|terminate"),
    )
)
"""What makes a ticket press; its points add up."""
_BOUNDS: Final[tuple[tuple[int, Priority], ...]] = ((5, "urgent"), (3, "high"), (1, "normal"))
_ANGRY: Final = -0.5


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
    groups = _groups(args.tickets)
    learned = _learned(args)
    triaged = [_judge(item, learned[number], groups) for number, item in enumerate(args.tickets)]
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


def _judge(ticket: Ticket, learned: str | None, groups: dict[str, str]) -> TriagedTicket:
    found = [sign for sign in _SIGNS if sign.pattern.search(ticket.text)]
    points = sum(sign.points for sign in found)
    reasons = [sign.reason for sign in sorted(found, key=lambda sign: -sign.points)]
    if mood_of(ticket.text) <= _ANGRY:
        points, reasons = points + 1, [*reasons, "angry"]
    if ticket.is_key_customer:
        points, reasons = points + 2, [*reasons, "key customer"]
    category = learned or _by_rule(ticket.text)
    if category in ("fault", "access", "billing"):
        points += 1
    priority = next((name for bound, name in _BOUNDS if points >= bound), "low")
    return TriagedTicket(
        ticket=ticket,
        category=category,
        priority=priority,
        points=points,
        reasons=reasons,
        group=groups.get(ticket.id),
    )


def _by_rule(text: str) -> str:
    hits = {name: len(pattern.findall(text)) for name, pattern in _CATEGORIES.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] else _OTHER


def _vectors(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    try:
        return TfidfVectorizer(stop_words="english", sublinear_tf=True, ngram_range=(1, 2)).fit_transform(texts)
    except ValueError:  # no word is left but stop words
        return None


def _learned(args: TicketTriageArgs) -> list[str | None]:
    """Give the category of the nearest example of each ticket, where one is near enough."""
    texts = [item.text for item in args.tickets]
    vectors = _vectors([*texts, *(item.text for item in args.examples)]) if args.examples else None
    if vectors is None:
        return [None] * len(texts)
    likeness = (vectors[: len(texts)] @ vectors[len(texts) :].T).toarray()
    nearest = likeness.argmax(axis=1)
    return [
        args.examples[int(best)].category if likeness[row, best] >= _NEAR else None for row, best in enumerate(nearest)
    ]


def _groups(tickets: list[Ticket]) -> dict[str, str]:
    """Give the group of each ticket that has a duplicate."""
    from rapidfuzz import fuzz, process
    from scipy.sparse import csgraph, csr_array

    texts = [" ".join(re.findall(r"\w+", item.text.lower())) for item in tickets]
    near = process.cdist(texts, texts, scorer=fuzz.token_set_ratio, score_cutoff=SAME_WORDS)
    vectors = _vectors(texts)
    cosine = None if vectors is None else (vectors @ vectors.T).toarray()
    long_enough = [len(text.split()) >= _LEAST_WORDS for text in texts]
    pairs = [
        (one, other)
        for one in range(len(tickets))
        for other in range(one)
        if (near[one, other] >= SAME_WORDS or (cosine is not None and cosine[one, other] >= SAME_MEANING))
        and long_enough[one]
        and long_enough[other]
    ]
    rows, columns = [one for one, _ in pairs], [other for _, other in pairs]
    graph = csr_array(([1] * len(pairs), (rows, columns)), shape=(len(tickets), len(tickets)))
    labels = csgraph.connected_components(graph, directed=False)[1].tolist()
    return {
        item.id: tickets[labels.index(labels[n])].id for n, item in enumerate(tickets) if labels.count(labels[n]) > 1
    }


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
        things("uncertain_count", "Without a clear category", sum(i.category == _OTHER for i in triaged), "ticket"),
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
