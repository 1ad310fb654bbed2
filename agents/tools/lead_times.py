"""Lead times: how long deliveries take, how far they scatter, and how often they are late.

The range of the late share is Wilson's interval (1927) at 95 %, which stays sensible for few
deliveries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.amounts import Name, Row, columns

FEWEST = 3
"""Deliveries from which suppliers are compared with each other."""


class Delivery(Row):
    """A delivery that has arrived."""

    supplier: Name
    order: Name = "Order"
    ordered_on: date
    promised_on: date
    received_on: date

    @model_validator(mode="after")
    def _ordered_before(self) -> Self:
        if self.received_on < self.ordered_on or self.promised_on < self.ordered_on:
            raise ValueError("received_on and promised_on cannot be before ordered_on")
        return self

    @property
    def days(self) -> int:
        """From the order to the arrival."""
        return (self.received_on - self.ordered_on).days

    @property
    def late_days(self) -> int:
        """After the promised day; below zero is early."""
        return (self.received_on - self.promised_on).days


class LeadTimeArgs(Args):
    """Deliveries, and how sure the plan should be."""

    deliveries: list[Delivery] = Field(min_length=1, max_length=3000, description="Deliveries that have arrived")
    sureness: float = Field(90, ge=50, le=99, description="Percent of deliveries that the planned time should cover")


class LeadTime(Row):
    """The lead times of a supplier, in days."""

    supplier: str
    deliveries: int
    mean_days: float
    spread_days: float | None
    sure_days: float
    late: int

    @property
    def late_share(self) -> float:
        """Late deliveries in percent."""
        return 100 * self.late / self.deliveries


class LeadTimes(ToolResult):
    """The suppliers, the least reliable before the others."""

    suppliers: list[LeadTime]
    mean_days: float
    spread_days: float | None


@tool(
    facts={
        "delivery_count": "count",
        "supplier_count": "count",
        "mean_days": "days",
        "typical_days": "days",
        "spread_days": "days",
        "sureness": "percent",
        "sure_days": "days",
        "buffer_days": "days",
        "late_count": "count",
        "late_share": "percent",
        "late_share_low": "percent",
        "late_share_high": "percent",
        "late_by": "days",
        "worst_supplier": "text",
        "worst_late_share": "percent",
        "worst_buffer_days": "days",
        "best_supplier": "text",
        "best_late_share": "percent",
    },
    parts={"suppliers": "table", "distribution": "series"},
)
def lead_times(context: ToolContext, args: LeadTimeArgs) -> LeadTimes:  # noqa: ARG001  # every tool takes its run
    """Measure lead times and their scatter by supplier, the late share, and the buffer that covers delays."""
    by_supplier: dict[str, list[Delivery]] = defaultdict(list)
    for item in args.deliveries:
        by_supplier[item.supplier].append(item)
    suppliers = [_measure(name, items, args.sureness) for name, items in by_supplier.items()]
    suppliers.sort(key=lambda item: (-item.late_share, -item.deliveries, item.supplier))
    overall = _measure("", args.deliveries, args.sureness)
    return LeadTimes(
        source="input",
        suppliers=suppliers,
        mean_days=overall.mean_days,
        spread_days=overall.spread_days,
        facts=[
            facts.count("supplier_count", "Suppliers", len(suppliers)),
            *_overall(overall, args),
            *_compared(suppliers, by_supplier, args.sureness),
        ],
        parts={"suppliers": _table(suppliers, by_supplier, args.sureness), "distribution": _chart(args.deliveries)},
    )


def _measure(name: str, items: Sequence[Delivery], sureness: float) -> LeadTime:
    import numpy as np

    days = np.array([item.days for item in items], dtype=float)
    return LeadTime(
        supplier=name,
        deliveries=len(items),
        mean_days=float(days.mean()),
        spread_days=float(days.std(ddof=1)) if len(items) > 1 else None,
        sure_days=float(np.quantile(days, sureness / 100, method="higher")),
        late=sum(item.late_days > 0 for item in items),
    )


def _buffer(items: Sequence[Delivery], sureness: float) -> int:
    """Give the days to add to a promised day so that the wanted share of deliveries is there."""
    import numpy as np

    return max(int(np.quantile([item.late_days for item in items], sureness / 100, method="higher")), 0)


def _overall(overall: LeadTime, args: LeadTimeArgs) -> list[Fact]:
    import numpy as np
    from scipy.stats import binomtest

    late_range = binomtest(overall.late, overall.deliveries).proportion_ci(0.95, method="wilson")
    late = [item.late_days for item in args.deliveries if item.late_days > 0]
    typical = float(np.median([item.days for item in args.deliveries]))
    found = [
        facts.count("delivery_count", "Deliveries", overall.deliveries),
        facts.span("mean_days", "Mean lead time", overall.mean_days, "days", digits=1),
        facts.span("typical_days", "Typical lead time (median)", typical, "days", digits=1),
        facts.percent("sureness", "Share to cover", args.sureness),
        facts.span("sure_days", "Lead time that covers it", overall.sure_days, "days"),
        facts.span("buffer_days", "Days to add to the promise", _buffer(args.deliveries, args.sureness), "days"),
        facts.count("late_count", "Late deliveries", overall.late),
        facts.percent("late_share", "Late share", overall.late_share),
        facts.percent("late_share_low", "Late share, lower end", 100 * float(late_range.low)),
        facts.percent("late_share_high", "Late share, upper end", 100 * float(late_range.high)),
    ]
    if overall.spread_days is not None:
        found.append(facts.span("spread_days", "Scatter (standard deviation)", overall.spread_days, "days", digits=1))
    if late:
        found.append(facts.span("late_by", "Late ones are late by (mean)", sum(late) / len(late), "days", digits=1))
    return found


def _compared(suppliers: list[LeadTime], by_supplier: dict[str, list[Delivery]], sureness: float) -> list[Fact]:
    known = [item for item in suppliers if item.deliveries >= FEWEST]
    if len(known) < 2 or not known[0].late or known[0].late_share == known[-1].late_share:
        return []
    worst, best = known[0], known[-1]
    buffer = _buffer(by_supplier[worst.supplier], sureness)
    return [
        facts.text("worst_supplier", "Least punctual supplier", worst.supplier),
        facts.percent("worst_late_share", "Late there", worst.late_share),
        facts.span("worst_buffer_days", "Days to add to its promise", buffer, "days"),
        facts.text("best_supplier", "Most punctual supplier", best.supplier),
        facts.percent("best_late_share", "Late with the most punctual", best.late_share),
    ]


def _table(suppliers: list[LeadTime], by_supplier: dict[str, list[Delivery]], sureness: float) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "supplier": item.supplier,
            "deliveries": item.deliveries,
            "mean": round(item.mean_days, 1),
            "spread": None if item.spread_days is None else round(item.spread_days, 1),
            "sure": item.sure_days,
            "late": item.late,
            "late_share": round(item.late_share, 1),
            "buffer": _buffer(by_supplier[item.supplier], sureness),
        }
        for item in suppliers[:200]
    ]
    return Table(
        title="Lead times by supplier, in days",
        columns=columns(
            supplier="Supplier",
            deliveries=("Deliveries", "number"),
            mean=("Mean", "number"),
            spread=("Scatter", "number"),
            sure=("To plan with", "number"),
            late=("Late", "number"),
            late_share=("Late share", "percent"),
            buffer=("Add to promise", "number"),
        ),
        rows=rows,
    )


def _chart(deliveries: list[Delivery]) -> Series:
    """Count deliveries by days against the promise; a month early or late is the outermost."""
    counts = Counter(max(min(item.late_days, 30), -30) for item in deliveries)
    points = [Point(x=_against(days), y=float(counts[days])) for days in range(min(counts), max(counts) + 1)]
    return Series(title="Deliveries by days against the promise", form="bar", unit="deliveries", points=points)


def _against(days: int) -> str:
    if days == 0:
        return "on the day"
    more = " or more" if abs(days) == 30 else ""
    return f"{abs(days)}{more} {'late' if days > 0 else 'early'}"
