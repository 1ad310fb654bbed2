"""What a customer will probably still bring: expected orders times the margin of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.rfm import Orders

_LEAST_CUSTOMERS: Final = 20
_LEAST_REPEATS: Final = 8
"""Below these the four parameters of the model are not held by the data."""
_PENALTY: Final = 0.001
"""Weight of the squared logarithms of the parameters: it keeps small samples from running off to infinity."""
_PER_VALUE: Final = 3
"""Value for each unit of acquisition cost: the customary ratio of a healthy business."""


class LifetimeArgs(Args):
    """Orders, and what of them is margin."""

    orders: Orders = Field(description="All orders of the customers looked at, from their beginning")
    margin_percent: Annotated[Decimal, Field(gt=0, le=100)] = Field(Decimal(40), description="Margin, of the revenue")
    horizon_days: int = Field(365, ge=30, le=1095, description="How far ahead")
    as_of: date | None = Field(None, description="End of the data; the day of the latest order without it")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class LifetimeValue(ToolResult):
    """Expected margin of each customer over the horizon."""

    values: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class History:
    """A customer by repeat orders, the day of the latest since the earliest, and the days observed (x, t_x, T)."""

    name: str
    repeats: int
    latest: int
    observed: int
    mean_order: Decimal


@dataclass(frozen=True, slots=True)
class Outlook:
    """Orders expected over the horizon, and the chance that the customer is still there (None where unknown)."""

    orders: float
    alive: float | None


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The BG/NBD model of Fader, Hardie and Lee (2005): rate of orders Gamma(r, alpha), drop-out Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def outlook(self, x: int, latest: float, observed: float, ahead: float) -> Outlook:
        """Give their equations 10 (expected orders) and the chance of being alive, for times in any one unit."""
        from scipy.special import hyp2f1

        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        gone = 0.0 if x == 0 else a / (b + x - 1) * ((alpha + observed) / (alpha + latest)) ** (r + x)
        if abs(a - 1) < 1e-6:  # the formula divides by a - 1, where it has a limit
            a = 1 + 1e-6
        share = ahead / (alpha + observed + ahead)
        grown = ((alpha + observed) / (alpha + observed + ahead)) ** (r + x)
        series = float(hyp2f1(r + x, b + x, a + b + x - 1, share))
        expected = (a + b + x - 1) / (a - 1) * (1 - grown * series) / (1 + gone)
        return Outlook(max(expected, 0.0), 1 / (1 + gone))


@tool(
    facts={
        "customers": "count",
        "orders": "count",
        "repeat_share": "percent",
        "method": "text",
        "horizon": "days",
        "margin": "percent",
        "value_total": "money",
        "value_mean": "money",
        "expected_orders": "number",
        "top_customer": "text",
        "top_value": "money",
        "top_count": "count",
        "top_share": "percent",
        "acquisition_cap": "money",
        "sleeping_customer": "text",
        "sleeping_alive": "percent",
        "alive_share": "percent",
    },
    parts={"customers": "table", "chart": "series"},
)
def customer_value(context: ToolContext, args: LifetimeArgs) -> LifetimeValue:
    """Estimate the margin that each customer brings over a horizon: expected orders * mean order * margin.

    Expected orders by BG/NBD from 20 customers with 8 repeaters on; below that by the customer's historic
    rate drawn towards that of all, (repeats + rate * 365) / (days + 365), which knows of no drop-out and is therefore
    a ceiling. Not discounted.
    """
    histories = _histories(args)
    repeaters = sum(one.repeats > 0 for one in histories)
    fits = len(histories) >= _LEAST_CUSTOMERS and repeaters >= _LEAST_REPEATS
    outlooks = _by_model(histories, args.horizon_days) if fits else _by_rate(histories, args.horizon_days)
    values = {
        one.name: (Decimal(str(outlook.orders)) * one.mean_order * args.margin_percent / 100).quantize(Decimal("0.01"))
        for one, outlook in zip(histories, outlooks, strict=True)
    }
    ranked = sorted(zip(histories, outlooks, strict=True), key=lambda pair: (-values[pair[0].name], pair[0].name))
    currency = args.currency or context.currency
    return LifetimeValue(
        source="input",
        values=values,
        facts=[
            facts.text("method", "How it was estimated", "the BG/NBD model" if fits else "the historic rate of orders"),
            facts.count("customers", "Customers", len(histories)),
            facts.count("orders", "Orders", len(args.orders)),
            facts.percent("repeat_share", "Customers who ordered again", 100 * repeaters / len(histories)),
            facts.span("horizon", "How far ahead", args.horizon_days, "days"),
            facts.percent("margin", "Margin, of the revenue", args.margin_percent),
            *_sums(ranked, values, currency),
            *_sleeping(ranked),
        ],
        parts={
            "customers": table(
                "Customers, the most valuable at the top",
                [
                    {
                        "name": one.name,
                        "orders": one.repeats + 1,
                        "mean_order": one.mean_order,
                        "expected": round(outlook.orders, 2),
                        "alive": None if outlook.alive is None else round(100 * outlook.alive, 1),
                        "value": values[one.name],
                    }
                    for one, outlook in ranked
                ],
                currency=currency,
                name="Customer",
                orders=("Orders so far", "number"),
                mean_order=("Mean order", "money"),
                expected=("Orders expected", "number"),
                alive=("Still there", "percent"),
                value=("Margin expected", "money"),
            ),
            "chart": bars("Margin expected", [(one.name, float(values[one.name])) for one, _ in ranked[:25]], currency),
        },
    )


def _histories(args: LifetimeArgs) -> list[History]:
    """Give each customer's history; orders of a day are one purchase, as the model has it."""
    by_customer: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order in args.orders:
        by_customer[order.customer][order.ordered_on] += order.amount
    latest = max(order.ordered_on for order in args.orders)
    end = args.as_of or latest
    if end < latest:
        raise ToolNeedsMore(f"as_of: there is an order on {latest}, after the end of the data")
    return [
        History(
            name,
            len(days) - 1,
            (max(days) - min(days)).days,
            (end - min(days)).days,
            (sum(days.values(), Decimal(0)) / len(days)).quantize(Decimal("0.01")),
        )
        for name, days in sorted(by_customer.items())
    ]


def _by_rate(histories: Sequence[History], horizon: int) -> list[Outlook]:
    """Give a customer their own rate, drawn towards that of all: the mean of a Gamma with a year's weight."""
    days = sum(one.observed for one in histories)
    rate = sum(one.repeats for one in histories) / days if days else 0.0
    weight = 365
    return [Outlook((one.repeats + rate * weight) / (one.observed + weight) * horizon, None) for one in histories]


def _by_model(histories: Sequence[History], horizon: int) -> list[Outlook]:
    model = fit([(one.repeats, one.latest / 7, one.observed / 7) for one in histories])
    return [model.outlook(one.repeats, one.latest / 7, one.observed / 7, horizon / 7) for one in histories]


def fit(histories: Sequence[tuple[int, float, float]]) -> BgNbd:
    """Fit the model to (repeat orders, time of the latest, time observed) by its penalised likelihood."""
    import numpy as np
    from scipy.optimize import minimize

    x, latest, observed = (np.array(column, dtype=float) for column in zip(*histories, strict=True))

    def loss(logs: Any) -> float:
        return -log_likelihood(np.exp(logs), x, latest, observed) / len(x) + _PENALTY * float(np.sum(logs**2))

    found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=[(-8, 8)] * 4)
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    return BgNbd(r, alpha, a, b)


def log_likelihood(parameters: Any, x: Any, latest: Any, observed: Any) -> float:
    """Give the logarithm of their equation 6, summed over the customers."""
    import numpy as np
    from scipy.special import betaln, gammaln

    r, alpha, a, b = parameters
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + observed)
    repeats = np.maximum(x, 1)
    left = betaln(a + 1, b + repeats - 1) - betaln(a, b) - (r + x) * np.log(alpha + latest)
    return float(np.sum(rate + np.where(x > 0, np.logaddexp(stayed, left), stayed)))


Ranked = Sequence[tuple[History, Outlook]]


def _sums(ranked: Ranked, values: dict[str, Decimal], currency: str) -> list[Fact]:
    total = sum(values.values(), Decimal(0))
    mean = total / len(values)
    top = ranked[: max(1, round(len(ranked) / 5))]
    found = [
        facts.money("value_total", "Margin expected of all", total, currency),
        facts.money("value_mean", "Margin expected of a customer", mean, currency),
        facts.number(
            "expected_orders", "Orders expected of a customer", sum(o.orders for _, o in ranked) / len(ranked)
        ),
        facts.text("top_customer", "Most valuable customer", ranked[0][0].name),
        facts.money("top_value", "Margin expected there", values[ranked[0][0].name], currency),
        facts.count("top_count", "The best customers, a fifth of all", len(top)),
        facts.money("acquisition_cap", "Sensible cost of winning a customer", mean / _PER_VALUE, currency),
    ]
    if total:
        share = 100 * sum((values[one.name] for one, _ in top), Decimal(0)) / total
        found.append(facts.percent("top_share", "Their share of the margin expected", share))
    return found


def _sleeping(ranked: Ranked) -> list[Fact]:
    """Name the best repeat customer who is probably gone."""
    known = [(one, outlook.alive) for one, outlook in ranked if outlook.alive is not None]
    if not known:
        return []
    found = [
        facts.percent(
            "alive_share", "Customers who are probably still there", 100 * sum(p for _, p in known) / len(known)
        )
    ]
    asleep = [(one, alive) for one, alive in known if alive < 0.5 and one.repeats]
    if asleep:
        one, alive = max(asleep, key=lambda pair: (pair[0].mean_order * (pair[0].repeats + 1), pair[0].name))
        found.append(facts.text("sleeping_customer", "Good customer who is probably gone", one.name))
        found.append(facts.percent("sleeping_alive", "Chance that they are still there", 100 * alive, digits=0))
    return found
