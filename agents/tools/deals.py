"""Deal desk: whether a discount can be given, who must agree, and the quote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

Money = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]

_CENT: Final = Decimal("0.01")
_NOBODY: Final = "nobody else"


class QuoteLine(BaseModel):
    """Something to be sold, at its list price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str = Field(min_length=1, max_length=120)
    quantity: int = Field(1, ge=1, le=10_000_000)
    list_price: Money
    unit_cost: Money


class Approval(BaseModel):
    """Up to which discount somebody may decide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to_percent: Percent
    by: str = Field(min_length=1, max_length=80)


class QuoteArgs(Args):
    """The deal, the discount that is asked for, and the rules of the house."""

    customer: str = Field(min_length=1, max_length=120, description="Who asks for the quote")
    lines: list[QuoteLine] = Field(min_length=1, max_length=200, description="What is to be sold")
    discount_percent: Percent = Field(Decimal(0), description="Discount that is asked for, on all lines")
    floor_margin_percent: Percent = Field(Decimal(25), description="Least margin, of the price, that a deal may have")
    approvals: list[Approval] = Field(default_factory=list, max_length=10, description="Who may decide up to where")
    valid_days: int = Field(30, ge=1, le=365, description="For how long the quote stands")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class QuoteCheck(ToolResult):
    """What the deal comes to."""

    net_total: Decimal
    is_allowed: bool


@tool(
    facts={
        "customer": "text",
        "line_count": "count",
        "list_total": "money",
        "net_total": "money",
        "discount": "percent",
        "discount_total": "money",
        "margin": "percent",
        "margin_total": "money",
        "margin_at_list": "percent",
        "floor_margin": "percent",
        "most_discount": "percent",
        "floor_total": "money",
        "short_total": "money",
        "verdict": "text",
        "approver": "text",
        "thinnest_line": "text",
        "thinnest_margin": "percent",
        "valid_until": "date",
    },
    parts={"quote": "table"},
)
def deal_check(context: ToolContext, args: QuoteArgs) -> QuoteCheck:
    """Check a discount against the least margin, find who must agree and the largest discount that would pass.

    Margin is of the price: (price - cost) / price. The verdict is `fits`, `needs approval`, or `below the floor`.
    """
    currency = args.currency or context.currency
    list_total = sum((line.list_price * line.quantity for line in args.lines), Decimal(0))
    if not list_total:
        raise ToolNeedsMore("lines: the list prices come to nothing, so there is no margin to check")
    cost = sum((line.unit_cost * line.quantity for line in args.lines), Decimal(0))
    nets = [_net(line, args.discount_percent) for line in args.lines]
    net_total = sum(nets, Decimal(0))
    margin = _margin(net_total, cost)
    approver = _approver(args)
    verdict = (
        "below the floor" if margin < args.floor_margin_percent else "fits" if approver == _NOBODY else "needs approval"
    )
    found = [
        facts.text("customer", "Customer", args.customer),
        facts.count("line_count", "Lines", len(args.lines)),
        facts.money("list_total", "At list prices", list_total, currency),
        facts.percent("discount", "Discount asked for", args.discount_percent),
        facts.money("discount_total", "Which comes to", list_total - net_total, currency),
        facts.money("net_total", "Net total", net_total, currency),
        facts.percent("margin", "Margin after the discount", margin),
        facts.money("margin_total", "Which is", net_total - cost, currency),
        facts.percent("margin_at_list", "Margin at list prices", _margin(list_total, cost)),
        facts.percent("floor_margin", "Least margin", args.floor_margin_percent),
        facts.text("verdict", "Verdict", verdict),
        facts.text("approver", "Who must agree", approver),
        facts.day("valid_until", "Stands until", context.now.date() + timedelta(days=args.valid_days)),
        *_limits(args, list_total, cost, net_total, currency),
        *_thinnest(args, nets),
    ]
    return QuoteCheck(
        source="input",
        net_total=net_total,
        is_allowed=verdict != "below the floor",
        facts=found,
        parts={
            "quote": table(
                f"Quote for {facts.text('customer', '', args.customer).rendered}",
                [
                    {
                        "product": line.product,
                        "quantity": line.quantity,
                        "list_price": line.list_price,
                        "net": net,
                        "margin": round(float(_margin(net, line.unit_cost * line.quantity)), 1) if net else None,
                    }
                    for line, net in zip(args.lines, nets, strict=True)
                ],
                currency=currency,
                product="Product",
                quantity=("Quantity", "number"),
                list_price=("List price", "money"),
                net=("Net", "money"),
                margin=("Margin", "percent"),
            )
        },
    )


def _net(line: QuoteLine, discount: Decimal) -> Decimal:
    exact = line.list_price * line.quantity * (100 - discount) / 100
    return exact.quantize(_CENT, rounding=ROUND_HALF_UP)


def _margin(price: Decimal, cost: Decimal) -> Decimal:
    return 100 * (price - cost) / price if price else Decimal(-100)


def _approver(args: QuoteArgs) -> str:
    """Give the least senior who may decide on the discount; without a rule for it, the most senior."""
    if not args.discount_percent or not args.approvals:
        return _NOBODY
    ladder = sorted(args.approvals, key=lambda item: item.up_to_percent)
    return next((item.by for item in ladder if args.discount_percent <= item.up_to_percent), ladder[-1].by)


def _limits(args: QuoteArgs, list_total: Decimal, cost: Decimal, net_total: Decimal, currency: str) -> list[Fact]:
    """Give the least net total that keeps the margin, cost / (1 - floor), and the discount that leads to it."""
    if args.floor_margin_percent >= 100:
        return []
    floor_total = (cost * 100 / (100 - args.floor_margin_percent)).quantize(_CENT, rounding=ROUND_HALF_UP)
    most = 100 * (list_total - floor_total) / list_total
    found = [facts.money("floor_total", "Least net total", floor_total, currency)]
    if most >= 0:
        # Rounded down: a discount that is shown as possible must be possible.
        found.append(facts.percent("most_discount", "Largest discount", most - most % Decimal("0.1")))
    if net_total < floor_total:
        found.append(facts.money("short_total", "Short of it by", floor_total - net_total, currency))
    return found


def _thinnest(args: QuoteArgs, nets: Sequence[Decimal]) -> list[Fact]:
    margins = [
        (_margin(net, line.unit_cost * line.quantity), line.product)
        for line, net in zip(args.lines, nets, strict=True)
        if net
    ]
    if not margins:
        return []
    margin, product = min(margins)
    return [
        facts.text("thinnest_line", "Line with the thinnest margin", product),
        facts.percent("thinnest_margin", "Its margin", margin),
    ]
