"""Prices: how demand answered to past prices, and which price would leave the most profit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import log
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

Price = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]

_LEAST: Final = 5
"""Observations below which a slope and its error cannot be told apart."""
_STEP: Final = 21
_CENT: Final = Decimal("0.01")


class PricePoint(BaseModel):
    """A period at a price, and the units sold in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price: Price
    units: float = Field(gt=0, le=1e12)


class PriceArgs(Args):
    """The history of a product, and what a unit costs."""

    product: str = Field(min_length=1, max_length=120, description="What it is called")
    history: list[PricePoint] = Field(min_length=_LEAST, max_length=1000, description="Periods of equal length")
    unit_cost: Price = Field(description="What a unit costs you")
    current_price: Price = Field(description="Price today")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class PriceResponse(ToolResult):
    """The price that is suggested; the current one where nothing better can be shown."""

    suggested: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """log(units) = level + elasticity * log(price), with the 95 % interval of the elasticity."""

    level: float
    elasticity: float
    low: float
    high: float
    fit: float

    def units(self, price: float) -> float:
        """Give the expected units at a price."""
        from math import exp

        return exp(self.level + self.elasticity * log(price))


Verdict = Literal["raise", "lower", "keep", "unclear"]


@tool(
    facts={
        "product": "text",
        "observations": "count",
        "elasticity": "number",
        "elasticity_low": "number",
        "elasticity_high": "number",
        "fit": "percent",
        "verdict": "text",
        "current_price": "money",
        "suggested_price": "money",
        "price_change": "percent",
        "units_change": "percent",
        "profit_now": "money",
        "profit_then": "money",
        "profit_change": "percent",
        "margin_now": "percent",
        "lowest_seen": "money",
        "highest_seen": "money",
        "edge": "text",
    },
    parts={"choices": "table", "chart": "series"},
)
def price_response(context: ToolContext, args: PriceArgs) -> PriceResponse:
    """Estimate the price elasticity from a price history and advise on the price with the most profit.

    Constant elasticity by least squares in logarithms; the best price is cost * e / (1 + e) for e below -1 (Lerner's
    rule), kept within the prices that were tried: beyond them the curve is a guess. Says `unclear` when the
    interval of the elasticity includes zero.
    """
    if len({point.price for point in args.history}) < 3:
        raise ToolNeedsMore("history: at least 3 different prices are needed to see how demand answers")
    currency = args.currency or context.currency
    curve = _fit(args.history)
    lowest, highest = (pick(point.price for point in args.history) for pick in (min, max))
    suggested, verdict = _suggest(args, curve, lowest, highest)
    found = [
        facts.text("product", "Product", args.product),
        facts.count("observations", "Periods", len(args.history)),
        facts.number("elasticity", "Elasticity of demand", curve.elasticity),
        facts.number("elasticity_low", "At least", curve.low),
        facts.number("elasticity_high", "At most", curve.high),
        facts.percent("fit", "Share of the ups and downs that the price explains", 100 * curve.fit, digits=0),
        facts.text("verdict", "Verdict", verdict),
        facts.money("current_price", "Price today", args.current_price, currency),
        facts.percent("margin_now", "Margin today", 100 * (args.current_price - args.unit_cost) / args.current_price),
        facts.money("lowest_seen", "Lowest price tried", lowest, currency),
        facts.money("highest_seen", "Highest price tried", highest, currency),
    ]
    if verdict != "unclear":
        found += _effects(args, curve, suggested, currency)
        if suggested in (lowest, highest):
            found.append(facts.text("edge", "Where the best price lies", "at the edge of what was tried"))
    rows = _choices(args, curve, lowest, highest)
    return PriceResponse(
        source="input",
        suggested=suggested,
        facts=found,
        parts={
            "choices": table(
                "Expected by price, for a period",
                [
                    {"price": price, "units": round(units, 1), "revenue": revenue, "profit": profit}
                    for price, units, revenue, profit in rows
                ],
                currency=currency,
                price=("Price", "money"),
                units=("Units", "number"),
                revenue=("Revenue", "money"),
                profit=("Profit", "money"),
            ),
            "chart": Series(
                title="Expected profit by price",
                unit=currency,
                points=[Point(x=str(price), y=float(profit)) for price, _, _, profit in rows],
            ),
        },
    )


def _fit(history: Sequence[PricePoint]) -> Curve:
    import numpy as np
    import statsmodels.api as sm  # type: ignore[import-untyped]

    prices = np.log([float(point.price) for point in history])
    units = np.log([point.units for point in history])
    fitted = sm.OLS(units, sm.add_constant(prices)).fit()
    low, high = (float(bound) for bound in fitted.conf_int()[1])
    level, slope = (float(value) for value in fitted.params)
    explained = float(fitted.rsquared) if float(np.ptp(units)) > 0 else 0.0
    return Curve(level, slope, low, high, explained)


def _suggest(args: PriceArgs, curve: Curve, lowest: Decimal, highest: Decimal) -> tuple[Decimal, Verdict]:
    if curve.high >= 0:
        return args.current_price, "unclear"
    # Demand that gives way by less than the price rises pays for any price; only what was tried is a bound then.
    best = (
        highest if curve.elasticity >= -1 else args.unit_cost * Decimal(str(curve.elasticity / (1 + curve.elasticity)))
    )
    suggested = min(max(best, lowest), highest).quantize(_CENT, rounding=ROUND_HALF_UP)
    gain = _profit(args, curve, suggested) - _profit(args, curve, args.current_price)
    if gain <= abs(_profit(args, curve, args.current_price)) * Decimal("0.01"):
        return args.current_price, "keep"  # less than a hundredth is not worth a new price
    return suggested, "raise" if suggested > args.current_price else "lower"


def _profit(args: PriceArgs, curve: Curve, price: Decimal) -> Decimal:
    return ((price - args.unit_cost) * Decimal(str(curve.units(float(price))))).quantize(_CENT)


def _effects(args: PriceArgs, curve: Curve, suggested: Decimal, currency: str) -> list[Fact]:
    now, then = _profit(args, curve, args.current_price), _profit(args, curve, suggested)
    units = curve.units(float(suggested)) / curve.units(float(args.current_price)) - 1
    found = [
        facts.money("suggested_price", "Suggested price", suggested, currency),
        facts.percent("price_change", "Change of the price", 100 * (suggested / args.current_price - 1)),
        facts.percent("units_change", "Expected change of the units", 100 * units),
        facts.money("profit_now", "Expected profit of a period today", now, currency),
        facts.money("profit_then", "Expected profit of a period then", then, currency),
    ]
    if now > 0:
        found.append(facts.percent("profit_change", "Change of the profit", 100 * (then - now) / now))
    return found


def _choices(
    args: PriceArgs, curve: Curve, lowest: Decimal, highest: Decimal
) -> list[tuple[Decimal, float, Decimal, Decimal]]:
    rows = []
    for number in range(_STEP):
        price = (lowest + (highest - lowest) * number / (_STEP - 1)).quantize(_CENT)
        units = curve.units(float(price))
        revenue = (price * Decimal(str(units))).quantize(_CENT)
        rows.append((price, units, revenue, _profit(args, curve, price)))
    return rows
