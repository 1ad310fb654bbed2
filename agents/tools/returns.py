"""Returns: what comes back, why, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.rates import Rate
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

Money = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]


class SoldLine(BaseModel):
    """Units of a product that were sold, how many of them came back, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str = Field(min_length=1, max_length=120)
    sold: int = Field(ge=1, le=10**9)
    returned: int = Field(0, ge=0, le=10**9)
    reason: str = Field("", max_length=80, description="Why the units of this line came back")
    price: Money

    @model_validator(mode="after")
    def _no_more_than_sold(self) -> SoldLine:
        if self.returned > self.sold:
            raise ValueError("returned: more than were sold")
        return self


class ReturnsArgs(Args):
    """Lines of sales with their returns."""

    lines: list[SoldLine] = Field(min_length=1, max_length=10_000, description="Sales with what came back of them")
    cost_per_return: Money = Field(Decimal(0), description="Freight, handling and loss of value of a returned unit")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class ReturnsReport(ToolResult):
    """Products that come back more often than the rest by more than chance."""

    conspicuous: list[str]


@dataclass(slots=True)
class _Sum:
    sold: int = 0
    returned: int = 0
    refunded: Decimal = field(default_factory=Decimal)

    @property
    def rate(self) -> Rate:
        return Rate(self.returned, self.sold)


@tool(
    facts={
        "sold_count": "count",
        "returned_count": "count",
        "return_rate": "percent",
        "refunded": "money",
        "handling": "money",
        "cost_total": "money",
        "worst_product": "text",
        "worst_rate": "percent",
        "worst_low": "percent",
        "worst_refunded": "money",
        "conspicuous_count": "count",
        "best_product": "text",
        "best_rate": "percent",
        "top_reason": "text",
        "top_reason_share": "percent",
        "top_reason_count": "count",
        "unexplained_share": "percent",
        "saving": "money",
    },
    parts={"products": "table", "reasons": "table", "chart": "series"},
)
def returns_report(context: ToolContext, args: ReturnsArgs) -> ReturnsReport:
    """Report returns by product and reason, and mark products whose rate is above the average by more than chance.

    A product is conspicuous when the lower bound of its rate (Wilson, 95 %) lies above the rate of all other products.
    """
    currency = args.currency or context.currency
    whole, products, reasons = _sum_up(args.lines)
    if not whole.sold:
        raise ToolNeedsMore("lines: nothing was sold")
    conspicuous = sorted(
        (name for name, one in products.items() if _stands_out(one, whole)), key=lambda name: -products[name].refunded
    )
    ranked = sorted(products, key=lambda name: (-products[name].rate.percent, name))
    return ReturnsReport(
        source="input",
        conspicuous=conspicuous,
        facts=[
            *_overall(whole, args.cost_per_return, currency),
            *_products(products, whole, conspicuous, args.cost_per_return, currency),
            *_reasons(reasons, whole),
        ],
        parts={
            "products": table(
                "Products, the highest rate at the top",
                [
                    {
                        "product": name,
                        "sold": products[name].sold,
                        "returned": products[name].returned,
                        "rate": round(products[name].rate.percent, 1),
                        "low": round(products[name].rate.bounds[0], 1),
                        "refunded": products[name].refunded,
                        "mark": "conspicuous" if name in conspicuous else "",
                    }
                    for name in ranked
                ],
                currency=currency,
                product="Product",
                sold=("Sold", "number"),
                returned=("Returned", "number"),
                rate=("Rate", "percent"),
                low=("At least", "percent"),
                refunded=("Refunded", "money"),
                mark="Mark",
            ),
            "reasons": table(
                "Reasons",
                [
                    {"reason": name, "returned": one.returned, "refunded": one.refunded}
                    for name, one in sorted(reasons.items(), key=lambda item: -item[1].returned)
                ],
                currency=currency,
                reason="Reason",
                returned=("Returned", "number"),
                refunded=("Refunded", "money"),
            ),
            "chart": bars("Rate of returns", [(n, round(products[n].rate.percent, 1)) for n in ranked[:30]], "%"),
        },
    )


_NO_REASON: Final = "no reason noted"


def _sum_up(lines: Sequence[SoldLine]) -> tuple[_Sum, dict[str, _Sum], dict[str, _Sum]]:
    whole, products, reasons = _Sum(), defaultdict[str, _Sum](_Sum), defaultdict[str, _Sum](_Sum)
    for line in lines:
        sums = [whole, products[line.product]]
        if line.returned:
            sums.append(reasons[line.reason.strip() or _NO_REASON])
        for one in sums:
            one.sold += line.sold
            one.returned += line.returned
            one.refunded += line.price * line.returned
    return whole, dict(products), dict(reasons)


def _stands_out(one: _Sum, whole: _Sum) -> bool:
    others = Rate(whole.returned - one.returned, whole.sold - one.sold)
    return others.cases > 0 and one.rate.bounds[0] > others.percent


def _overall(whole: _Sum, cost: Decimal, currency: str) -> list[Fact]:
    handling = cost * whole.returned
    return [
        facts.count("sold_count", "Units sold", whole.sold),
        facts.count("returned_count", "Units returned", whole.returned),
        facts.percent("return_rate", "Rate of returns", whole.rate.percent),
        facts.money("refunded", "Refunded", whole.refunded, currency),
        facts.money("handling", "Cost of handling returns", handling, currency),
        facts.money("cost_total", "Refunds and handling", whole.refunded + handling, currency),
    ]


def _products(
    products: Mapping[str, _Sum], whole: _Sum, conspicuous: Sequence[str], cost: Decimal, currency: str
) -> list[Fact]:
    found = [facts.count("conspicuous_count", "Conspicuous products", len(conspicuous))]
    best = min(products, key=lambda name: (products[name].rate.bounds[1], name))
    if len(products) > 1:
        found.append(facts.text("best_product", "Product that is kept most surely", best))
        found.append(facts.percent("best_rate", "Its rate", products[best].rate.percent))
    if conspicuous:
        worst = products[conspicuous[0]]
        others = Rate(whole.returned - worst.returned, whole.sold - worst.sold)
        spared = worst.returned - worst.sold * Decimal(others.hits) / others.cases
        each = worst.refunded / worst.returned + cost
        found += [
            facts.text("worst_product", "Conspicuous product that costs most", conspicuous[0]),
            facts.percent("worst_rate", "Its rate", worst.rate.percent),
            facts.percent("worst_low", "At least, by the number of cases", worst.rate.bounds[0]),
            facts.money("worst_refunded", "Refunded for it", worst.refunded, currency),
            facts.money("saving", "Spared if it came back like the others", spared * each, currency),
        ]
    return found


def _reasons(reasons: Mapping[str, _Sum], whole: _Sum) -> list[Fact]:
    named = {name: one for name, one in reasons.items() if name != _NO_REASON}
    found: list[Fact] = []
    if whole.returned:
        unexplained = reasons[_NO_REASON].returned if _NO_REASON in reasons else 0
        found.append(
            facts.percent("unexplained_share", "Returns without a reason", Rate(unexplained, whole.returned).percent)
        )
    if named:
        top = max(named, key=lambda name: (named[name].returned, name))
        found += [
            facts.text("top_reason", "Most frequent reason", top),
            facts.count("top_reason_count", "Units for that reason", named[top].returned),
            facts.percent("top_reason_share", "Their share", Rate(named[top].returned, whole.returned).percent),
        ]
    return found
