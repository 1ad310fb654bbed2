"""The key figures of a company's own ledger, against the same number of days before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import line, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import insights
from bizosaas_app.gateway.contracts.insights import DaysView, ReadDays, TypeDayView

WHOLE: Final = "the whole company"
OWN: Final = "your own activity"


class KpiArgs(Args):
    """The length of the period; the one before it is as long."""

    days: int = Field(30, ge=1, le=183, description="Days of the period, today included")


class KpiReport(ToolResult):
    """The figures of the period."""

    scope: str


@dataclass(frozen=True, slots=True)
class Total:
    """What a kind of event adds up to."""

    events: int = 0
    value: Decimal = Decimal(0)

    def __add__(self, row: TypeDayView) -> Total:
        return Total(self.events + row.events, self.value + row.value)


async def read_ledger(context: ToolContext, days: int) -> tuple[DaysView, str]:
    """Give the ledger's days and in words whose they are: the company's, or one's own for who sees no more."""
    if context.actor.can("view_analytics"):
        return await insights.read_days(context.actor, ReadDays(days=days)), WHOLE
    return await insights.read_own_days(context.actor, ReadDays(days=days)), OWN


def in_words(kind: str) -> str:
    """Give the name of a kind of event as people say it: `order.completed` is "order completed"."""
    return kind.replace(".", " ").replace("_", " ")


@tool(
    facts={
        "scope": "text",
        "events": "count",
        "events_before": "count",
        "events_change": "percent",
        "value": "number",
        "value_change": "percent",
        "active_days": "count",
        "quiet_days": "count",
        "best_day": "date",
        "best_day_events": "count",
        "top_kind": "text",
        "top_kind_share": "percent",
        "riser": "text",
        "riser_gain": "count",
        "faller": "text",
        "faller_loss": "count",
    },
    parts={"kinds": "table", "chart": "series"},
)
async def ledger_kpis(context: ToolContext, args: KpiArgs) -> KpiReport:
    """Report the ledger's events and values by kind against the period before.

    For the company as a whole to who may see its figures, else for the member's own activity.
    """
    view, scope = await read_ledger(context, args.days * 2)
    middle = view.last - timedelta(days=args.days - 1)
    now, before = _totals(view, middle, None), _totals(view, None, middle)
    by_day = {middle + timedelta(days=number): 0 for number in range(args.days)}
    for row in view.rows:
        if row.day >= middle:
            by_day[row.day] += row.events
    return KpiReport(
        source="ledger",
        scope=scope,
        facts=[
            facts.text("scope", "Whose figures", scope),
            *_overall(now, before),
            *_days(by_day),
            *_movers(now, before),
        ],
        parts={
            "kinds": table(
                "Events by kind, beside the period before",
                _rows(now, before),
                kind="Kind",
                events=("Events", "number"),
                before=("Before", "number"),
                value=("Value", "number"),
            ),
            "chart": line("Events by day", [(day.isoformat(), n) for day, n in by_day.items()], "events"),
        },
    )


def _totals(view: DaysView, since: date | None, until: date | None) -> dict[str, Total]:
    found: dict[str, Total] = defaultdict(Total)
    for row in view.rows:
        if (since is None or row.day >= since) and (until is None or row.day < until):
            found[row.type] += row
    return dict(found)


def _overall(now: Mapping[str, Total], before: Mapping[str, Total]) -> list[Fact]:
    events, earlier = (sum(item.events for item in totals.values()) for totals in (now, before))
    value, value_before = (sum((item.value for item in totals.values()), Decimal(0)) for totals in (now, before))
    found = [
        facts.count("events", "Events", events),
        facts.count("events_before", "Events in the period before", earlier),
        facts.number("value", "Sum of the events' values", value),
    ]
    if earlier:
        found.append(facts.percent("events_change", "Change of the events", 100 * (events - earlier) / earlier))
    if value_before:
        found.append(
            facts.percent("value_change", "Change of the value", 100 * (value - value_before) / abs(value_before))
        )
    return found


def _days(by_day: Mapping[date, int]) -> list[Fact]:
    active = sum(n > 0 for n in by_day.values())
    found = [
        facts.count("active_days", "Days with an event", active),
        facts.count("quiet_days", "Days without an event", len(by_day) - active),
    ]
    if active:
        best = max(by_day, key=lambda day: (by_day[day], day))
        found += [
            facts.day("best_day", "Busiest day", best),
            facts.count("best_day_events", "Events on the busiest day", by_day[best]),
        ]
    return found


def _movers(now: Mapping[str, Total], before: Mapping[str, Total]) -> list[Fact]:
    found: list[Fact] = []
    total = sum(item.events for item in now.values())
    if total:
        top = max(now, key=lambda kind: (now[kind].events, kind))
        found.append(facts.text("top_kind", "Most frequent kind", in_words(top)))
        found.append(facts.percent("top_kind_share", "Its share of all events", 100 * now[top].events / total))
    if before:
        moves = {kind: now.get(kind, Total()).events - before.get(kind, Total()).events for kind in {*now, *before}}
        up, down = (pick(moves, key=lambda kind: (moves[kind], kind)) for pick in (max, min))
        if moves[up] > 0:
            found.append(facts.text("riser", "Kind that gained most", in_words(up)))
            found.append(facts.count("riser_gain", "Events gained by it", moves[up]))
        if moves[down] < 0:
            found.append(facts.text("faller", "Kind that lost most", in_words(down)))
            found.append(facts.count("faller_loss", "Events lost by it", -moves[down]))
    return found


def _rows(now: Mapping[str, Total], before: Mapping[str, Total]) -> list[dict[str, Cell]]:
    kinds = sorted({*now, *before}, key=lambda kind: (-now.get(kind, Total()).events, kind))
    return [
        {
            "kind": in_words(kind),
            "events": now.get(kind, Total()).events,
            "before": before.get(kind, Total()).events,
            "value": float(now.get(kind, Total()).value),
        }
        for kind in kinds
    ]
