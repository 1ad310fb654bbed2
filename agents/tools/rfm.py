"""RFM: customers by how lately, how often and for how much they bought."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import insights
from bizosaas_app.gateway.contracts.insights import ReadMembers

_LEAST: Final = 5
"""Customers from which fifths can be told apart."""


class Order(BaseModel):
    """An order of a customer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: str = Field(min_length=1, max_length=120)
    ordered_on: date
    amount: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]


Orders = Annotated[list[Order], Field(min_length=1, max_length=20_000)]


class RfmArgs(Args):
    """Orders, or, without them, the ledger's events of a kind by member."""

    orders: Orders | None = Field(None, description="Orders; the ledger's events without them")
    event_type: str = Field(
        "order.completed", min_length=1, max_length=100, description="Kind of event that is an order"
    )
    days: int = Field(180, ge=14, le=366, description="How many days of the ledger")


class RfmSegments(ToolResult):
    """Customers by segment."""

    segments: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Buyer:
    """What a customer did: days since the latest order, orders, and their sum."""

    name: str
    silent_days: int
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: which recency and which mean of frequency and value it takes (fifths, 5 is best), what to do."""

    name: str
    recency: range
    worth: range
    act: str


SEGMENTS: Final[tuple[Segment, ...]] = (
    Segment("Champions", range(4, 6), range(4, 6), "Ask for referrals and reviews; show them new things early"),
    Segment("Loyal", range(3, 4), range(4, 6), "Keep in touch, and offer what goes with their orders"),
    Segment("At risk", range(1, 3), range(4, 6), "Call or write personally before they are gone"),
    Segment("Promising", range(4, 6), range(2, 4), "Bring them to the next order with a suggestion"),
    Segment("New", range(4, 6), range(1, 2), "Welcome them, and explain the next step"),
    Segment("Needing attention", range(3, 4), range(1, 4), "Remind them with something of use"),
    Segment("Hibernating", range(1, 3), range(1, 4), "A single win-back offer, then let them rest"),
)
"""The usual segments by recency and worth (after Hughes, Strategic Database Marketing); together they cover all."""


@tool(
    facts={
        "customers": "count",
        "needed": "count",
        "orders": "count",
        "champions_count": "count",
        "champions_value_share": "percent",
        "at_risk_count": "count",
        "at_risk_value_share": "percent",
        "largest_segment": "text",
        "largest_segment_share": "percent",
        "top_customer": "text",
        "risk_customer": "text",
        "risk_silent": "days",
        "single_order_share": "percent",
        "median_silent": "days",
    },
    parts={"segments": "table", "customers": "table", "chart": "series"},
)
async def rfm_segments(context: ToolContext, args: RfmArgs) -> RfmSegments:
    """Sort customers into the usual RFM segments (recency, frequency, value in fifths).

    Over the given orders, else over the ledger, where a customer is a member and the value is the event's: for that
    one needs the right to see the company's figures, and members who are not public appear under a pseudonym. With
    fewer than 5 customers it counts them and gives no segments: fifths cannot be told apart.
    """
    if args.orders is None:
        return await asyncio.to_thread(_in_segments, await _from_ledger(context, args), "ledger")
    buyers = await asyncio.to_thread(_from_orders, args.orders, context)
    return await asyncio.to_thread(_in_segments, buyers, "input")


def _in_segments(buyers: Sequence[Buyer], source: str) -> RfmSegments:
    if len(buyers) < _LEAST:
        return RfmSegments(source=source, segments={}, facts=_counts(buyers))
    segmented = _segment(buyers)
    # By the object: two people may have one name.
    segment_of = {id(buyer): segment.name for segment, found in segmented.items() for buyer in found}
    return RfmSegments(
        source=source,
        segments={segment.name: [buyer.name for buyer in found] for segment, found in segmented.items()},
        facts=_facts(buyers, segmented),
        parts={
            "segments": table(
                "Segments",
                [
                    {
                        "segment": segment.name,
                        "customers": len(found),
                        "orders": sum(buyer.orders for buyer in found),
                        "share": _value_share(found, buyers),
                        "act": segment.act,
                    }
                    for segment, found in segmented.items()
                ],
                segment="Segment",
                customers=("Customers", "number"),
                orders=("Orders", "number"),
                share=("Share of the value", "percent"),
                act="What to do",
            ),
            "customers": table(
                "Customers, the most valuable at the top",
                [
                    {
                        "name": buyer.name,
                        "segment": segment_of[id(buyer)],
                        "silent": buyer.silent_days,
                        "orders": buyer.orders,
                        "value": float(buyer.amount),
                    }
                    for buyer in sorted(buyers, key=lambda buyer: (-buyer.amount, buyer.name))[:200]
                ],
                name="Customer",
                segment="Segment",
                silent=("Days since the latest order", "number"),
                orders=("Orders", "number"),
                value=("Value", "number"),
            ),
            "chart": bars("Customers by segment", [(item.name, len(found)) for item, found in segmented.items()]),
        },
    )


def _from_orders(orders: Sequence[Order], context: ToolContext) -> list[Buyer]:
    by_customer: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        by_customer[order.customer].append(order)
    # Seen from the latest order: an export of last year is not a year of silence.
    latest = min(max(order.ordered_on for order in orders), context.now.date())
    return [
        Buyer(
            name,
            (latest - max(order.ordered_on for order in own)).days,
            len(own),
            sum((order.amount for order in own), Decimal(0)),
        )
        for name, own in by_customer.items()
    ]


async def _from_ledger(context: ToolContext, args: RfmArgs) -> list[Buyer]:
    view = await insights.read_members(context.actor, ReadMembers(days=args.days, type=args.event_type))
    return [Buyer(row.name, (view.last - row.last_day).days, row.events, row.value) for row in view.rows]


def _fifths(values: Sequence[float]) -> list[int]:
    """Give each value's fifth, 5 for the largest; equal values share one, by their middle rank."""
    from scipy.stats import rankdata

    ranks = rankdata(values, method="average")
    return [min(5, int((rank - 0.5) * 5 / len(values)) + 1) for rank in ranks]


def _segment(buyers: Sequence[Buyer]) -> dict[Segment, list[Buyer]]:
    recency = _fifths([-buyer.silent_days for buyer in buyers])
    frequency = _fifths([buyer.orders for buyer in buyers])
    value = _fifths([float(buyer.amount) for buyer in buyers])
    found: dict[Segment, list[Buyer]] = {segment: [] for segment in SEGMENTS}
    for buyer, fresh, often, much in zip(buyers, recency, frequency, value, strict=True):
        worth = (often + much + 1) // 2
        found[next(item for item in SEGMENTS if fresh in item.recency and worth in item.worth)].append(buyer)
    return found


def _value_share(some: Sequence[Buyer], buyers: Sequence[Buyer]) -> float:
    whole = sum(buyer.amount for buyer in buyers)
    return round(float(100 * sum(buyer.amount for buyer in some) / whole), 1) if whole else 0.0


def _counts(buyers: Sequence[Buyer]) -> list[Fact]:
    return [
        facts.count("customers", "Customers", len(buyers)),
        facts.count("orders", "Orders", sum(buyer.orders for buyer in buyers)),
        facts.count("needed", "Customers that segments need", _LEAST),
    ]


def _facts(buyers: Sequence[Buyer], segmented: Mapping[Segment, Sequence[Buyer]]) -> list[Fact]:
    from statistics import median

    named = {segment.name: found for segment, found in segmented.items()}
    champions, risky = named["Champions"], named["At risk"]
    largest = max(named, key=lambda name: len(named[name]))
    singles = sum(buyer.orders == 1 for buyer in buyers)
    found = [
        *_counts(buyers),
        facts.count("champions_count", "Champions", len(champions)),
        facts.percent("champions_value_share", "Their share of the value", _value_share(champions, buyers)),
        facts.count("at_risk_count", "At risk", len(risky)),
        facts.percent("at_risk_value_share", "Their share of the value", _value_share(risky, buyers)),
        facts.text("largest_segment", "Largest segment", largest),
        facts.percent("largest_segment_share", "Its share of the customers", 100 * len(named[largest]) / len(buyers)),
        facts.text(
            "top_customer", "Most valuable customer", max(buyers, key=lambda item: (item.amount, item.name)).name
        ),
        facts.percent("single_order_share", "Customers with a single order", 100 * singles / len(buyers)),
        facts.span(
            "median_silent", "Days since the latest order (median)", median(b.silent_days for b in buyers), "days"
        ),
    ]
    if risky:
        top = max(risky, key=lambda item: (item.amount, item.name))
        found.append(facts.text("risk_customer", "Most valuable of those at risk", top.name))
        found.append(facts.span("risk_silent", "Without an order for", top.silent_days, "days"))
    return found
