"""Stock: how long it lasts, at which level to reorder, and how much.

Reorder point with uncertain demand and lead time: d L + z sqrt(L s_d^2 + d^2 s_L^2) (Silver, Pyke and Thomas,
"Inventory and Production Management in Supply Chains", chapter on safety stock).
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, cents, columns, total

EXCESS_DAYS: Final = 180
"""Days of cover from which stock counts as idle capital."""
Quantity = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class StockItem(Row):
    """An item with its recent daily sales, the latest at the end."""

    sku: Name
    on_hand: Quantity
    on_order: Quantity = 0
    daily_demand: list[Quantity] = Field(min_length=7, max_length=366)
    lead_days: float = Field(gt=0, le=365)
    lead_days_spread: float = Field(0, ge=0, le=180)
    """Standard deviation of the lead time."""
    unit_cost: Amount = Decimal(0)


class StockArgs(MoneyArgs):
    """Items in stock."""

    items: list[StockItem] = Field(min_length=1, max_length=200, description="Items with stock and daily sales")
    service_level: float = Field(95, ge=50, le=99.9, description="Wanted chance, in percent, not to run out")
    review_days: int = Field(7, ge=1, le=90, description="Days between orders; an order lasts so much longer")
    as_of: date | None = Field(None, description="The day of the report; today without it")


class Cover(Row):
    """What an item needs; `cover_days` and `out_on` are None without demand."""

    sku: str
    on_hand: float
    demand: float
    cover_days: float | None
    out_on: date | None
    safety_stock: int
    reorder_point: int
    order_now: int
    value: Decimal


class Stock(ToolResult):
    """The items, the shortest cover before the others."""

    covers: list[Cover]


@tool(
    facts={
        "item_count": "count",
        "service_level": "percent",
        "stock_value": "money",
        "order_count": "count",
        "late_count": "count",
        "urgent_item": "text",
        "urgent_cover": "days",
        "urgent_out_on": "date",
        "urgent_reorder_point": "count",
        "urgent_safety_stock": "count",
        "urgent_quantity": "count",
        "order_value": "money",
        "idle_count": "count",
        "idle_value": "money",
        "idle_item": "text",
    },
    parts={"items": "table", "cover": "series"},
)
def stock_cover(context: ToolContext, args: StockArgs) -> Stock:
    """Compute days of cover, safety stock for a service level, reorder point and the quantity to order by item."""
    as_of = args.as_of or context.now.date()
    pairs = sorted(((_cover(item, args, as_of), item) for item in args.items), key=lambda pair: _urgency(pair[0]))
    covers = [cover for cover, _ in pairs]
    currency = args.currency_in(context)
    ordered = [(cover, item) for cover, item in pairs if cover.order_now]
    late = [cover for cover, item in ordered if cover.cover_days is not None and cover.cover_days < item.lead_days]
    found = [
        facts.count("item_count", "Items", len(covers)),
        facts.percent("service_level", "Wanted chance not to run out", args.service_level),
        facts.money("stock_value", "Stock is worth", total(cover.value for cover in covers), currency),
        facts.count("order_count", "Items to order now", len(ordered)),
        facts.count("late_count", "Of them last less than a new delivery takes", len(late)),
        *_urgent(ordered, currency),
        *_idle(covers, currency),
    ]
    with_demand = [cover for cover in covers if cover.cover_days is not None]
    return Stock(
        source="input",
        covers=covers,
        facts=found,
        parts={
            "items": _table(covers, currency),
            "cover": Series(
                title="Days of cover by item",
                form="bar",
                unit="days",
                points=[Point(x=cover.sku, y=round(cover.cover_days or 0, 1)) for cover in with_demand],
            ),
        },
    )


def _cover(item: StockItem, args: StockArgs, as_of: date) -> Cover:
    import numpy as np
    from scipy.stats import norm

    demand = float(np.mean(item.daily_demand))
    variance = float(np.var(item.daily_demand, ddof=1))
    z = float(norm.ppf(args.service_level / 100))
    safety = z * math.sqrt(item.lead_days * variance + (demand * item.lead_days_spread) ** 2)
    # Rounding up a value that is whole but for the last bit would order a unit too many.
    reorder_point = math.ceil(round(demand * item.lead_days + safety, 6))
    position = item.on_hand + item.on_order
    wanted = demand * (item.lead_days + args.review_days) + safety
    days = item.on_hand / demand if demand else None
    return Cover(
        sku=item.sku,
        on_hand=item.on_hand,
        demand=demand,
        cover_days=days,
        out_on=None if days is None else as_of + timedelta(days=min(int(days), 36_500)),
        safety_stock=math.ceil(round(safety, 6)),
        reorder_point=reorder_point,
        order_now=math.ceil(round(wanted - position, 6)) if demand and position <= reorder_point else 0,
        value=cents(Decimal(str(item.on_hand)) * item.unit_cost),
    )


def _urgency(cover: Cover) -> tuple[bool, float, str]:
    return cover.cover_days is None, cover.cover_days or 0, cover.sku


def _urgent(ordered: list[tuple[Cover, StockItem]], currency: str) -> list[Fact]:
    if not ordered:
        return []
    cover = ordered[0][0]
    value = total(cents(Decimal(item.order_now) * stock.unit_cost) for item, stock in ordered)
    found = [
        facts.text("urgent_item", "Most urgent item", cover.sku),
        facts.span("urgent_cover", "It lasts", cover.cover_days or 0, "days"),
        facts.count("urgent_reorder_point", "Its reorder point", cover.reorder_point),
        facts.count("urgent_safety_stock", "Its safety stock", cover.safety_stock),
        facts.count("urgent_quantity", "Units to order", cover.order_now),
        facts.money("order_value", "All orders are worth", value, currency),
    ]
    return found if cover.out_on is None else [*found, facts.day("urgent_out_on", "It runs out on", cover.out_on)]


def _idle(covers: list[Cover], currency: str) -> list[Fact]:
    idle = [item for item in covers if item.on_hand and (item.cover_days is None or item.cover_days > EXCESS_DAYS)]
    found = [
        facts.count("idle_count", "Items with stock for very long", len(idle)),
        facts.money("idle_value", "Worth of them", total(item.value for item in idle), currency),
    ]
    if idle:
        largest = max(idle, key=lambda item: (item.value, item.sku))
        found.append(facts.text("idle_item", "Largest of them", largest.sku))
    return found


def _table(covers: list[Cover], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "sku": item.sku,
            "on_hand": item.on_hand,
            "demand": round(item.demand, 2),
            "cover": None if item.cover_days is None else round(item.cover_days, 1),
            "out_on": None if item.out_on is None else item.out_on.isoformat(),
            "safety": item.safety_stock,
            "reorder_point": item.reorder_point,
            "order_now": item.order_now,
            "value": item.value,
        }
        for item in covers
    ]
    return Table(
        title="Stock cover, the shortest before the others",
        columns=columns(
            sku="Item",
            on_hand=("On hand", "number"),
            demand=("Sold a day", "number"),
            cover=("Days of cover", "number"),
            out_on=("Runs out", "date"),
            safety=("Safety stock", "number"),
            reorder_point=("Reorder at", "number"),
            order_now=("Order now", "number"),
            value=("Stock value", "money"),
        ),
        rows=rows,
        currency=currency,
    )
