"""The assortment: which items carry the business, and which only fill shelves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, pstdev
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

Money = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]

_A, _B = 80, 95
"""Cumulated shares of the revenue, in percent, up to which an item is A or B: the customary bounds."""
_STEADY, _WAVERING = 0.5, 1.0
"""Coefficients of variation up to which demand is steady (X) or wavering (Y)."""
_LEAST_PERIODS: Final = 4


class SoldItem(BaseModel):
    """An item with its revenue, and what is known of its stock and its sales by period."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: str = Field(min_length=1, max_length=80)
    revenue: Money
    stock_value: Money = Decimal(0)
    units_by_period: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list, max_length=120)


class AssortmentArgs(Args):
    """The items of a period."""

    items: list[SoldItem] = Field(min_length=3, max_length=10_000, description="Items with their revenue of the period")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class Assortment(ToolResult):
    """The items by class."""

    classes: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Classed:
    """An item with its class and the steadiness of its demand."""

    item: SoldItem
    letter: Literal["A", "B", "C"]
    demand: str
    cumulated: float


@tool(
    facts={
        "item_count": "count",
        "revenue_total": "money",
        "a_count": "count",
        "a_item_share": "percent",
        "a_revenue_share": "percent",
        "b_count": "count",
        "c_count": "count",
        "c_item_share": "percent",
        "c_revenue_share": "percent",
        "top_item": "text",
        "top_share": "percent",
        "unsold_count": "count",
        "slow_stock": "money",
        "slow_stock_share": "percent",
        "slow_item": "text",
        "erratic_item": "text",
    },
    parts={"classes": "table", "items": "table", "chart": "series"},
)
def abc_classes(context: ToolContext, args: AssortmentArgs) -> Assortment:
    """Sort items into A (up to 80 % of the revenue), B (up to 95 %) and C, with the steadiness of their demand (XYZ).

    The item that crosses a bound still belongs to the class before it.
    """
    currency = args.currency or context.currency
    total = sum((item.revenue for item in args.items), Decimal(0))
    if not total:
        raise ToolNeedsMore("items: none of them has any revenue")
    classed = _classify(args.items, total)
    letters: tuple[Literal["A", "B", "C"], ...] = ("A", "B", "C")
    by_letter = {letter: [entry for entry in classed if entry.letter == letter] for letter in letters}
    return Assortment(
        source="input",
        classes={letter: [entry.item.sku for entry in found] for letter, found in by_letter.items()},
        facts=[*_shares(by_letter["A"], by_letter["B"], by_letter["C"], total, currency), *_stock(classed, currency)],
        parts={
            "classes": table(
                "Classes",
                [
                    {
                        "letter": letter,
                        "items": len(found),
                        "revenue": _revenue(found),
                        "share": _share(_revenue(found), total),
                        "stock": sum((entry.item.stock_value for entry in found), Decimal(0)),
                    }
                    for letter, found in by_letter.items()
                ],
                currency=currency,
                letter="Class",
                items=("Items", "number"),
                revenue=("Revenue", "money"),
                share=("Share", "percent"),
                stock=("Stock", "money"),
            ),
            "items": table(
                "Items by revenue",
                [
                    {
                        "sku": entry.item.sku,
                        "letter": entry.letter,
                        "demand": entry.demand,
                        "revenue": entry.item.revenue,
                        "cumulated": round(entry.cumulated, 1),
                        "stock": entry.item.stock_value,
                    }
                    for entry in classed
                ],
                currency=currency,
                sku="Item",
                letter="Class",
                demand="Demand",
                revenue=("Revenue", "money"),
                cumulated=("Cumulated share", "percent"),
                stock=("Stock", "money"),
            ),
            "chart": bars("Revenue by item", [(e.item.sku, float(e.item.revenue)) for e in classed[:30]], currency),
        },
    )


def _classify(items: Sequence[SoldItem], total: Decimal) -> list[Classed]:
    classed: list[Classed] = []
    before = Decimal(0)
    for item in sorted(items, key=lambda item: (-item.revenue, item.sku)):
        letter: Literal["A", "B", "C"] = "A" if 100 * before < _A * total else "B" if 100 * before < _B * total else "C"
        before += item.revenue
        classed.append(Classed(item, letter if item.revenue else "C", _demand(item), float(100 * before / total)))
    return classed


def _demand(item: SoldItem) -> str:
    units = item.units_by_period
    if len(units) < _LEAST_PERIODS or not any(units):
        return ""
    variation = pstdev(units) / fmean(units)
    return "X, steady" if variation <= _STEADY else "Y, wavering" if variation <= _WAVERING else "Z, erratic"


def _revenue(found: Sequence[Classed]) -> Decimal:
    return sum((entry.item.revenue for entry in found), Decimal(0))


def _share(part: Decimal, total: Decimal) -> float:
    return round(float(100 * part / total), 1)


def _shares(
    a: Sequence[Classed], b: Sequence[Classed], c: Sequence[Classed], total: Decimal, currency: str
) -> list[Fact]:
    number = len(a) + len(b) + len(c)
    return [
        facts.count("item_count", "Items", number),
        facts.money("revenue_total", "Revenue", total, currency),
        facts.count("a_count", "Items of class A", len(a)),
        facts.percent("a_item_share", "Share of class A in the items", 100 * len(a) / number),
        facts.percent("a_revenue_share", "Share of class A in the revenue", _share(_revenue(a), total)),
        facts.count("b_count", "Items of class B", len(b)),
        facts.count("c_count", "Items of class C", len(c)),
        facts.percent("c_item_share", "Share of class C in the items", 100 * len(c) / number),
        facts.percent("c_revenue_share", "Share of class C in the revenue", _share(_revenue(c), total)),
        facts.text("top_item", "Item with the most revenue", a[0].item.sku),
        facts.percent("top_share", "Its share of the revenue", _share(a[0].item.revenue, total)),
        facts.count("unsold_count", "Items without a sale", sum(not entry.item.revenue for entry in c)),
    ]


def _stock(classed: Sequence[Classed], currency: str) -> list[Fact]:
    slow = [entry.item for entry in classed if entry.letter == "C" and entry.item.stock_value]
    stock = sum((entry.item.stock_value for entry in classed), Decimal(0))
    found: list[Fact] = []
    if slow:
        tied = sum((item.stock_value for item in slow), Decimal(0))
        largest = max(slow, key=lambda item: (item.stock_value, item.sku))
        found += [
            facts.money("slow_stock", "Stock in class C", tied, currency),
            facts.percent("slow_stock_share", "Its share of all stock", _share(tied, stock)),
            facts.text("slow_item", "Item of class C with the most stock", largest.sku),
        ]
    erratic = next((entry.item.sku for entry in classed if entry.letter == "A" and entry.demand.startswith("Z")), None)
    if erratic is not None:
        found.append(facts.text("erratic_item", "Item of class A with erratic demand", erratic))
    return found
