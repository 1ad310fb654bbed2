"""Order quantities: how much to order at a time when larger orders are cheaper.

The economic order quantity of Harris (1913) with all-units discounts: within each price break the cost
D c + D S / Q + Q h c / 2 is convex, so its best quantity is the unbounded one moved into the break.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Row, cents, columns, percent_of

Units = Annotated[int, Field(ge=1, le=100_000_000)]
_CURVE_POINTS = 40


class PriceBreak(Row):
    """The unit price of orders from a quantity on."""

    from_quantity: Units
    unit_price: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]


class OrderArgs(MoneyArgs):
    """The demand of a year, what ordering and holding cost, and the supplier's prices."""

    yearly_demand: Units = Field(description="Units needed in a year")
    order_cost: Amount = Field(description="Cost of placing and receiving an order, whatever its size")
    holding_rate: Annotated[Decimal, Field(gt=0, le=200, max_digits=7, decimal_places=3)] = Field(
        Decimal(20), description="Cost of holding stock, percent of its value in a year"
    )
    price_breaks: list[PriceBreak] = Field(min_length=1, max_length=20, description="Unit price by order quantity")
    pack_size: Units = Field(1, description="Orders are whole packs of so many units")
    current_quantity: Units | None = Field(None, description="What is ordered at a time today")


class Option(Row):
    """An order quantity with its cost in a year."""

    quantity: int
    unit_price: Decimal
    purchase: Decimal
    ordering: Decimal
    holding: Decimal

    @property
    def cost(self) -> Decimal:
        """The whole cost of a year."""
        return self.purchase + self.ordering + self.holding


class OrderPlan(ToolResult):
    """The best option of each price break, and the best of all."""

    options: list[Option]
    best: Option


@tool(
    facts={
        "best_quantity": "count",
        "best_price": "money",
        "best_cost": "money",
        "orders_a_year": "number",
        "days_between": "days",
        "stock_value": "money",
        "ordering_cost": "money",
        "holding_cost": "money",
        "break_count": "count",
        "discount_quantity": "count",
        "plain_quantity": "count",
        "current_quantity": "count",
        "current_cost": "money",
        "saving": "money",
        "saving_share": "percent",
    },
    parts={"options": "table", "curve": "series"},
)
def order_quantity(context: ToolContext, args: OrderArgs) -> OrderPlan:
    """Find the order quantity with the lowest cost of purchase, ordering and holding in a year."""
    breaks = sorted(args.price_breaks, key=lambda item: item.from_quantity)
    if any(low.from_quantity == high.from_quantity for low, high in pairwise(breaks)):
        raise ToolNeedsMore("price_breaks: two begin at the same quantity")
    options = [option for place in range(len(breaks)) if (option := _best_of(breaks, place, args)) is not None]
    if not options:
        raise ToolNeedsMore("pack_size: no whole number of packs lies within a price break")
    best = min(options, key=lambda option: (option.cost, option.quantity))
    currency = args.currency_in(context)
    found = [
        facts.count("best_quantity", "Order at a time", best.quantity),
        facts.money("best_price", "Unit price then", best.unit_price, currency),
        facts.money("best_cost", "Cost of a year", best.cost, currency),
        facts.number("orders_a_year", "Orders a year", args.yearly_demand / best.quantity, digits=1),
        facts.span("days_between", "Days between orders", 365 * best.quantity / args.yearly_demand, "days"),
        facts.money("stock_value", "Average stock", best.quantity * best.unit_price / 2, currency),
        facts.money("ordering_cost", "Of it for ordering", best.ordering, currency),
        facts.money("holding_cost", "Of it for holding", best.holding, currency),
        facts.count("break_count", "Price breaks", len(breaks)),
        *_discount(breaks, best, args),
        *_saving(breaks, best, args, currency),
    ]
    return OrderPlan(
        source="input",
        options=options,
        best=best,
        facts=found,
        parts={"options": _table(options, currency), "curve": _curve(breaks, best, args, currency)},
    )


def _option(breaks: list[PriceBreak], quantity: int, args: OrderArgs) -> Option:
    price = next((b.unit_price for b in reversed(breaks) if b.from_quantity <= quantity), breaks[0].unit_price)
    return Option(
        quantity=quantity,
        unit_price=price,
        purchase=cents(args.yearly_demand * price),
        ordering=cents(args.yearly_demand * args.order_cost / quantity),
        holding=cents(quantity * price * args.holding_rate / 200),
    )


def _best_of(breaks: list[PriceBreak], place: int, args: OrderArgs) -> Option | None:
    """Give the best whole number of packs within a price break; None if there is none."""
    pack = args.pack_size
    least = -(-breaks[place].from_quantity // pack) * pack
    most = (breaks[place + 1].from_quantity - 1) // pack * pack if place + 1 < len(breaks) else None
    if most is not None and most < least:
        return None
    holding = breaks[place].unit_price * args.holding_rate / 100
    free = int((2 * args.yearly_demand * args.order_cost / holding).sqrt()) // pack * pack
    near = {min(max(quantity, least), most or quantity + least) for quantity in (free, free + pack)}
    return min(
        (_option(breaks, quantity, args) for quantity in near), key=lambda option: (option.cost, option.quantity)
    )


def _discount(breaks: list[PriceBreak], best: Option, args: OrderArgs) -> list[Fact]:
    """Say whether a price break has pulled the order up to it."""
    plain = _best_of([PriceBreak(from_quantity=1, unit_price=breaks[0].unit_price)], 0, args)
    reached = max(item.from_quantity for item in breaks if item.from_quantity <= best.quantity)
    if plain is None or plain.quantity >= reached:
        return []
    return [
        facts.count("discount_quantity", "Reaches the price break at", reached),
        facts.count("plain_quantity", "Best quantity without the break", plain.quantity),
    ]


def _saving(breaks: list[PriceBreak], best: Option, args: OrderArgs, currency: str) -> list[Fact]:
    if args.current_quantity is None:
        return []
    if args.current_quantity < breaks[0].from_quantity:
        raise ToolNeedsMore("current_quantity: no price break begins at or below it")
    today = _option(breaks, args.current_quantity, args)
    saving = today.cost - best.cost
    found = [
        facts.count("current_quantity", "Ordered at a time today", today.quantity),
        facts.money("current_cost", "Cost of a year today", today.cost, currency),
    ]
    share = percent_of(saving, today.cost)
    if saving > 0 and share is not None:
        found.append(facts.money("saving", "Saved in a year", saving, currency))
        found.append(facts.percent("saving_share", "Saved, of the cost", share))
    return found


def _table(options: list[Option], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "quantity": item.quantity,
            "unit_price": item.unit_price,
            "purchase": item.purchase,
            "ordering": item.ordering,
            "holding": item.holding,
            "cost": item.cost,
        }
        for item in options
    ]
    return Table(
        title="The best quantity of each price break, and its cost in a year",
        columns=columns(
            quantity=("Order at a time", "number"),
            unit_price=("Unit price", "money"),
            purchase=("Purchase", "money"),
            ordering=("Ordering", "money"),
            holding=("Holding", "money"),
            cost=("In all", "money"),
        ),
        rows=rows,
        currency=currency,
    )


def _curve(breaks: list[PriceBreak], best: Option, args: OrderArgs, currency: str) -> Series:
    """Draw the cost over quantities from a quarter of the best to four times it, and at each break."""
    pack, least = args.pack_size, breaks[0].from_quantity
    step = max(best.quantity * 15 // (4 * _CURVE_POINTS), pack)
    low = max(best.quantity // 4, least, 1)
    chosen = {quantity // pack * pack for quantity in range(low, best.quantity * 4, step)}
    chosen |= {item.from_quantity for item in breaks if low <= item.from_quantity <= best.quantity * 4}
    quantities = sorted(quantity for quantity in chosen | {best.quantity} if quantity >= least)
    return Series(
        title="Cost of a year by order quantity",
        unit=currency,
        points=[Point(x=str(q), y=float(_option(breaks, q, args).cost)) for q in quantities],
    )
