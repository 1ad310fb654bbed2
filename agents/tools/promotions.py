"""Promotions: how much more must be sold for a price cut to pay."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

Money = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
Percent = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=4)]

_UPLIFTS: Final = (0, 10, 25, 50, 75, 100, 150, 200, 300)
_DISCOUNTS: Final = (Decimal(5), Decimal(10), Decimal(15), Decimal(20), Decimal(25), Decimal(30), Decimal(40))


class PromotionArgs(Args):
    """The product, the cut, and what it is hoped to bring."""

    product: str = Field(min_length=1, max_length=120, description="What it is called")
    price: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)] = Field(description="Usual price")
    unit_cost: Money = Field(description="What a unit costs you")
    discount_percent: Annotated[Decimal, Field(gt=0, lt=100, max_digits=7, decimal_places=4)] = Field(
        description="Cut of the price"
    )
    usual_units: int = Field(ge=1, le=10**9, description="Units sold without it in the same time")
    expected_uplift_percent: Percent | None = Field(None, description="Hoped-for rise of the units")
    fixed_cost: Money = Field(Decimal(0), description="Advertising and set-up")
    pulled_forward_percent: Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)] = Field(
        Decimal(0), description="Share of the additional units that would have been bought later at the full price"
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class PromotionPlan(ToolResult):
    """The rise of the units, in percent, from which it pays; None when no rise would do."""

    break_even_percent: float | None


@tool(
    facts={
        "product": "text",
        "price": "money",
        "promo_price": "money",
        "discount": "percent",
        "margin_before": "money",
        "margin_after": "money",
        "usual_units": "count",
        "usual_profit": "money",
        "fixed_cost": "money",
        "break_even": "percent",
        "break_even_units": "count",
        "expected_uplift": "percent",
        "expected_profit": "money",
        "expected_result": "money",
        "expected_loss": "money",
        "reserve": "percent",
        "shortfall": "percent",
        "pulled_forward": "percent",
        "verdict": "text",
    },
    parts={"uplifts": "table", "discounts": "table", "chart": "series"},
)
def promotion_breakeven(context: ToolContext, args: PromotionArgs) -> PromotionPlan:
    """Compute the rise of the units from which a price cut pays, and what the hoped-for rise would leave.

    break-even = (usual profit + fixed cost - usual units * margin then) / (usual units * worth of a further unit),
    where a further unit is worth the margin then less what it pulls forward of the full margin (Nagle and Mueller,
    The Strategy and Tactics of Pricing, with pulled-forward sales added).
    """
    currency = args.currency or context.currency
    before, after = args.price - args.unit_cost, _promo_price(args, args.discount_percent) - args.unit_cost
    if before <= 0:
        raise ToolNeedsMore("unit_cost: not below the price, so there is no margin to begin with")
    break_even = _break_even(args, args.discount_percent)
    return PromotionPlan(
        source="input",
        break_even_percent=None if break_even is None else float(break_even),
        facts=[
            facts.text("product", "Product", args.product),
            facts.money("price", "Price", args.price, currency),
            facts.money("promo_price", "Price in the promotion", _promo_price(args, args.discount_percent), currency),
            facts.percent("discount", "Discount", args.discount_percent),
            facts.money("margin_before", "Margin of a unit", before, currency),
            facts.money("margin_after", "Margin of a unit in the promotion", after, currency),
            facts.count("usual_units", "Usual units", args.usual_units),
            facts.money("usual_profit", "Usual profit", before * args.usual_units, currency),
            facts.money("fixed_cost", "Advertising and set-up", args.fixed_cost, currency),
            facts.percent("pulled_forward", "Share that is pulled forward", args.pulled_forward_percent),
            *_verdict(args, break_even, currency),
        ],
        parts={
            "uplifts": table(
                "What a rise of the units would leave",
                [
                    {
                        "uplift": uplift,
                        "units": float(args.usual_units * (1 + Decimal(uplift) / 100)),
                        "profit": _profit(args, Decimal(uplift)),
                        "result": _profit(args, Decimal(uplift)) - before * args.usual_units,
                    }
                    for uplift in _UPLIFTS
                ],
                currency=currency,
                uplift=("Rise of the units", "percent"),
                units=("Units", "number"),
                profit=("Profit", "money"),
                result=("Against no promotion", "money"),
            ),
            "discounts": table(
                "What other discounts would need",
                [
                    {
                        "discount": float(discount),
                        "price": _promo_price(args, discount),
                        "break_even": None if (rise := _break_even(args, discount)) is None else round(float(rise), 1),
                    }
                    for discount in _DISCOUNTS
                ],
                currency=currency,
                discount=("Discount", "percent"),
                price=("Price", "money"),
                break_even=("Rise needed", "percent"),
            ),
            "chart": Series(
                title="Result against no promotion by the rise of the units",
                unit=currency,
                points=[
                    Point(x=f"{rise}%", y=float(_profit(args, Decimal(rise)) - before * args.usual_units))
                    for rise in _UPLIFTS
                ],
            ),
        },
    )


def _promo_price(args: PromotionArgs, discount: Decimal) -> Decimal:
    return args.price * (100 - discount) / 100


def _worth(args: PromotionArgs, discount: Decimal) -> Decimal:
    """Give what a further unit is worth."""
    full = args.price - args.unit_cost
    return _promo_price(args, discount) - args.unit_cost - full * args.pulled_forward_percent / 100


def _profit(args: PromotionArgs, uplift: Decimal) -> Decimal:
    margin = _promo_price(args, args.discount_percent) - args.unit_cost
    further = args.usual_units * uplift / 100
    return args.usual_units * margin + further * _worth(args, args.discount_percent) - args.fixed_cost


def _break_even(args: PromotionArgs, discount: Decimal) -> Decimal | None:
    worth = _worth(args, discount)
    if worth <= 0:
        return None
    given_up = args.usual_units * args.price * discount / 100 + args.fixed_cost
    return 100 * given_up / (args.usual_units * worth)


def _verdict(args: PromotionArgs, break_even: Decimal | None, currency: str) -> list[Fact]:
    if break_even is None:
        return [facts.text("verdict", "Verdict", "never pays")]
    needed = args.usual_units * (1 + break_even / 100)
    found = [
        facts.percent("break_even", "Rise of the units from which it pays", break_even),
        facts.count("break_even_units", "Units from which it pays", int(needed.to_integral_value(ROUND_CEILING))),
    ]
    uplift = args.expected_uplift_percent
    if uplift is None:
        return [*found, facts.text("verdict", "Verdict", "open")]
    profit = _profit(args, uplift)
    result = profit - (args.price - args.unit_cost) * args.usual_units
    found += [
        facts.percent("expected_uplift", "Hoped-for rise of the units", uplift),
        facts.money("expected_profit", "Profit at that rise", profit, currency),
        facts.money("expected_result", "Against no promotion", result, currency),
        facts.text("verdict", "Verdict", "pays" if result > 0 else "does not pay"),
    ]
    if result > 0:
        return [*found, facts.percent("reserve", "Reserve above the break-even, in points", uplift - break_even)]
    return [
        *found,
        facts.money("expected_loss", "Lost against no promotion", -result, currency),
        facts.percent("shortfall", "Short of the break-even, in points", break_even - uplift),
    ]
