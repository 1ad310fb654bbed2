"""Incidents: how often things fail, how long they stay down, and which causes make most of it.

MTTR is the mean time from start to recovery, MTBF the time in service over the number of incidents, availability the
share of the period in service (IEC 60050-192). Overlapping incidents of a service count once as downtime. The vital
few causes are those that together make four fifths of the downtime (Juran's Pareto rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import local, probability, things

_VITAL: Final = 0.8
_HOUR: Final = 3600.0


class Incident(BaseModel):
    """A failure from its start to the recovery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=60)
    service: str = Field(min_length=1, max_length=80)
    cause: str = Field("not known", min_length=1, max_length=80)
    started_at: datetime
    noticed_at: datetime | None = None
    resolved_at: datetime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        moments = [item for item in (self.started_at, self.noticed_at, self.resolved_at) if item is not None]
        if len({item.tzinfo is None for item in moments}) > 1:
            raise ValueError("started_at, noticed_at, resolved_at: give all with an offset or none")
        if any(later < earlier for earlier, later in pairwise(moments)):
            raise ValueError("an incident starts, is noticed and then resolved; the moments are out of order")
        return self


class IncidentArgs(Args):
    """The incidents of a period."""

    incidents: Annotated[list[Incident], Field(min_length=1, max_length=2000)]
    period_from: datetime
    period_to: datetime


class CauseShare(BaseModel):
    """A cause with its downtime in hours."""

    model_config = ConfigDict(frozen=True)

    cause: str
    incidents: int
    hours: float
    cumulated: float
    """Share of all hours, with the causes before it."""


class IncidentReview(ToolResult):
    """The causes, the costliest first."""

    causes: list[CauseShare]


@tool(
    facts={
        "incident_count": "count",
        "services": "count",
        "mttr": "hours",
        "median_repair": "hours",
        "mtbf": "hours",
        "availability": "percent",
        "downtime": "hours",
        "time_to_notice": "hours",
        "top_cause": "text",
        "top_cause_share": "percent",
        "top_cause_incidents": "count",
        "vital_causes": "count",
        "causes": "count",
        "worst_service": "text",
        "worst_availability": "percent",
        "longest_incident": "text",
        "longest_hours": "hours",
        "later_count": "count",
        "earlier_count": "count",
        "trend_chance": "percent",
    },
    parts={"causes": "table", "pareto": "series", "services": "table"},
)
def incident_review(context: ToolContext, args: IncidentArgs) -> IncidentReview:
    """Give MTTR, MTBF and availability of a period's incidents, and the causes that make most of the downtime."""
    start, end = local(args.period_from, context.timezone), local(args.period_to, context.timezone)
    if start >= end:
        raise ToolNeedsMore("period_to: must be later than period_from")
    spans = {item.id: _span(item, context.timezone) for item in args.incidents}
    if len(spans) < len(args.incidents):
        raise ToolNeedsMore("incidents: an id is given more than once")
    if outside := [key for key, (begin, _) in spans.items() if not start <= begin < end]:
        raise ToolNeedsMore(f"incidents: {outside[0]} did not start in the period")
    causes = _causes(args.incidents, spans)
    services = _services(args.incidents, spans, end, (end - start).total_seconds() / _HOUR)
    return IncidentReview(
        source="input",
        causes=causes,
        facts=_facts(args.incidents, spans, causes, services, (start, end)),
        parts={
            "causes": table(
                "Causes, the costliest before the rest",
                [
                    item.model_dump() | {"hours": round(item.hours, 2), "cumulated": round(item.cumulated * 100, 1)}
                    for item in causes
                ],
                cause="Cause",
                incidents=("Incidents", "number"),
                hours=("Hours down", "number"),
                cumulated=("Share with those above", "percent"),
            ),
            "pareto": bars("Hours down by cause", [(item.cause, round(item.hours, 2)) for item in causes], "hours"),
            "services": table(
                "Services",
                services,
                service="Service",
                incidents=("Incidents", "number"),
                hours=("Hours down", "number"),
                availability=("Available", "percent"),
            ),
        },
    )


Span = tuple[datetime, datetime]


def merged_hours(spans: Sequence[Span]) -> float:
    """Give the hours that spans cover together; what they share counts once."""
    covered, reached = timedelta(), None
    for begin, end in sorted(spans):
        begin = begin if reached is None else max(begin, reached)  # noqa: PLW2901  # what is covered already is cut off
        if end > begin:
            covered += end - begin
            reached = end
    return covered.total_seconds() / _HOUR


def _span(item: Incident, timezone: str) -> Span:
    from datetime import UTC

    return local(item.started_at, timezone).astimezone(UTC), local(item.resolved_at, timezone).astimezone(UTC)


def _hours(span: Span) -> float:
    return (span[1] - span[0]).total_seconds() / _HOUR


def _causes(incidents: list[Incident], spans: dict[str, Span]) -> list[CauseShare]:
    hours: dict[str, list[float]] = {}
    for item in incidents:
        hours.setdefault(item.cause, []).append(_hours(spans[item.id]))
    total = sum(map(sum, hours.values())) or 1.0
    shares, so_far = [], 0.0
    for cause, values in sorted(hours.items(), key=lambda pair: (-sum(pair[1]), pair[0])):
        so_far += sum(values)
        shares.append(CauseShare(cause=cause, incidents=len(values), hours=sum(values), cumulated=so_far / total))
    return shares


def _services(incidents: list[Incident], spans: dict[str, Span], end: datetime, period: float) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for service in sorted({item.service for item in incidents}):
        own = [spans[item.id] for item in incidents if item.service == service]
        down = merged_hours([(begin, min(stop, end)) for begin, stop in own])
        rows.append(
            {
                "service": service,
                "incidents": len(own),
                "hours": round(down, 2),
                "availability": round(100 * (1 - down / period), 3),
            }
        )
    return sorted(rows, key=lambda row: float(row["availability"] or 0))


def _facts(
    incidents: list[Incident],
    spans: dict[str, Span],
    causes: list[CauseShare],
    services: list[dict[str, Cell]],
    period: Span,
) -> list[Fact]:
    from numpy import median
    from scipy import stats

    whole = _hours(period)
    repair = [_hours(spans[item.id]) for item in incidents]
    down = sum(float(row["hours"] or 0) for row in services)
    in_service = whole * len(services) - down
    longest = max(incidents, key=lambda item: _hours(spans[item.id]))
    middle = period[0] + (period[1] - period[0]) / 2
    later = sum(spans[item.id][0] >= middle for item in incidents)
    vital = next(number for number, item in enumerate(causes, 1) if item.cumulated >= _VITAL or number == len(causes))
    share = causes[0].hours / (sum(repair) or 1)
    made = [
        things("incident_count", "Incidents", len(incidents), "incident"),
        things("services", "Services hit", len(services), "service"),
        facts.span("mttr", "Mean time to recover", sum(repair) / len(repair), "hours", digits=1),
        facts.span("median_repair", "Median time to recover", float(median(repair)), "hours", digits=1),
        facts.span("mtbf", "Mean time between failures", in_service / len(incidents), "hours", digits=0),
        facts.percent("availability", "Availability", in_service / (whole * len(services)) * 100, digits=2),
        facts.span("downtime", "Time down", down, "hours", digits=1),
        facts.text("top_cause", "Costliest cause", causes[0].cause),
        facts.percent("top_cause_share", "Its share of the time down", share * 100, digits=0),
        things("top_cause_incidents", "Its incidents", causes[0].incidents, "incident"),
        things("vital_causes", "Causes that make four fifths of it", vital, "cause"),
        facts.count("causes", "Causes", len(causes)),
        facts.text("worst_service", "Least available service", str(services[0]["service"])),
        facts.percent("worst_availability", "Its availability", float(services[0]["availability"] or 0), digits=2),
        facts.text("longest_incident", "Longest incident", longest.id),
        facts.span("longest_hours", "It took", _hours(spans[longest.id]), "hours", digits=1),
        things("later_count", "In the later part of the period", later, "incident"),
        things("earlier_count", "In the earlier part", len(incidents) - later, "incident"),
        probability(
            "trend_chance",
            "Probability of such a shift by chance",
            float(stats.binomtest(later, len(incidents)).pvalue),
        ),
    ]
    noticed = [(item.noticed_at - item.started_at).total_seconds() / _HOUR for item in incidents if item.noticed_at]
    if noticed:
        made.append(facts.span("time_to_notice", "Mean time to notice", sum(noticed) / len(noticed), "hours", digits=1))
    return made
