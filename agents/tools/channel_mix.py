"""Channel mix: what each marketing channel costs and brings, and what the next unit of money would bring there.

The marginal return comes from revenue = a * cost^b over a channel's periods, fitted on logs: it is b times the mean
return (the elasticity of response; Hanssens, Parsons, Schultz: Market Response Models, ch. 3). It needs periods with
different costs; without them only the mean return is given. A fit over few periods is a hint, not a proof.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import things

_LEAST_PERIODS: Final = 4
_LEAST_SPREAD: Final = 0.05
"""Standard deviation of log cost below which the costs are too alike to tell a response."""
_SHIFT: Final = Decimal("0.1")
"""Share of a channel's cost that a shift moves, of the smaller of both: small enough for the slopes to hold."""
_SURE: Final = 0.2
"""Standard error of b up to which a shift is proposed."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]


class ChannelPeriod(BaseModel):
    """A channel's cost and revenue of a period, such as a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str = Field(min_length=1, max_length=60)
    period: str = Field(min_length=1, max_length=20)
    cost: Amount
    revenue: Amount


class ChannelMixArgs(Args):
    """The results of all channels, and the currency they are in."""

    results: Annotated[list[ChannelPeriod], Field(min_length=2, max_length=2000)]
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel over all periods; `marginal` and `error` are None where its costs tell no response."""

    name: str
    periods: int
    cost: Decimal
    revenue: Decimal
    marginal: float | None
    error: float | None

    @property
    def mean_return(self) -> float | None:
        """Revenue for each unit of cost."""
        return float(self.revenue / self.cost) if self.cost else None


class ChannelMix(ToolResult):
    """Channels by what more money would bring there, the most before the rest."""

    order: list[str]


@tool(
    facts={
        "channel_count": "count",
        "periods": "count",
        "total_cost": "money",
        "total_revenue": "money",
        "mean_return": "ratio",
        "largest_channel": "text",
        "largest_cost_share": "percent",
        "largest_revenue_share": "percent",
        "best_channel": "text",
        "best_marginal": "ratio",
        "worst_channel": "text",
        "worst_marginal": "ratio",
        "judged_count": "count",
        "shift": "money",
        "shift_gain": "money",
        "losing_count": "count",
        "losing_channel": "text",
        "losing_return": "ratio",
        "top_return_channel": "text",
        "top_return": "ratio",
    },
    parts={"channels": "table", "returns": "series", "shares": "series"},
)
def channel_mix_review(context: ToolContext, args: ChannelMixArgs) -> ChannelMix:
    """Review channels by cost, revenue, mean and marginal return, and say where a shift of money would pay."""
    currency = args.currency or context.currency
    groups: dict[str, list[ChannelPeriod]] = {}
    for item in args.results:
        groups.setdefault(item.channel, []).append(item)
    for name, items in groups.items():
        if len({item.period for item in items}) < len(items):
            raise ToolNeedsMore(f"results: {name} has a period more than once")
    channels = sorted((_channel(name, items) for name, items in groups.items()), key=_by_use)
    cost = sum((item.cost for item in channels), Decimal(0))
    revenue = sum((item.revenue for item in channels), Decimal(0))
    if not cost:
        raise ToolNeedsMore("results: no channel has a cost")
    rows = [_row(item, cost, revenue) for item in channels]
    return ChannelMix(
        source="input",
        order=[item.name for item in channels],
        facts=_facts(args, channels, cost, revenue, currency),
        parts={
            "channels": table(
                "Channels, where more money brings most before the rest",
                rows,
                currency=currency,
                channel="Channel",
                cost=("Cost", "money"),
                revenue=("Revenue", "money"),
                cost_share=("Of cost", "percent"),
                revenue_share=("Of revenue", "percent"),
                mean=("Return", "number"),
                marginal=("Return of the next unit", "number"),
            ),
            "returns": bars("Return for each unit of cost", [(i.name, round(i.mean_return or 0, 3)) for i in channels]),
            "shares": bars("Share of cost", [(i.name, round(float(i.cost / cost) * 100, 1)) for i in channels], "%"),
        },
    )


def _by_use(item: Channel) -> tuple[float, str]:
    value = item.marginal if item.marginal is not None else item.mean_return
    return (-(value or 0.0), item.name)


def _channel(name: str, items: list[ChannelPeriod]) -> Channel:
    cost = sum((item.cost for item in items), Decimal(0))
    revenue = sum((item.revenue for item in items), Decimal(0))
    found = response(items)
    marginal = error = None
    if found is not None and cost:
        error = found[1]
        marginal = max(found[0], 0.0) * float(revenue / cost)
    return Channel(name, len(items), cost, revenue, marginal, error)


def response(items: list[ChannelPeriod]) -> tuple[float, float] | None:
    """Give the elasticity b of revenue to cost with its standard error; None where the periods do not tell it."""
    from scipy import stats

    pairs = [(math.log(item.cost), math.log(item.revenue)) for item in items if item.cost > 0 and item.revenue > 0]
    costs = [cost for cost, _ in pairs]
    if len(pairs) < _LEAST_PERIODS:
        return None
    mean = sum(costs) / len(costs)
    if (sum((cost - mean) ** 2 for cost in costs) / len(costs)) ** 0.5 < _LEAST_SPREAD:
        return None
    line: Any = stats.linregress(costs, [revenue for _, revenue in pairs])
    return float(line.slope), float(line.stderr)


def _facts(args: ChannelMixArgs, channels: list[Channel], cost: Decimal, revenue: Decimal, currency: str) -> list[Fact]:
    largest = max(channels, key=lambda item: item.cost)
    paid = [item for item in channels if item.cost]
    top = max(paid, key=lambda item: item.mean_return or 0)
    losing = [item for item in paid if item.revenue < item.cost]
    judged = [item for item in channels if item.marginal is not None]
    made = [
        things("channel_count", "Channels", len(channels), "channel"),
        things("periods", "Periods", len({item.period for item in args.results}), "period"),
        facts.money("total_cost", "Cost of all", cost, currency),
        facts.money("total_revenue", "Revenue of all", revenue, currency),
        facts.ratio("mean_return", "Return of all", revenue / cost),
        facts.text("largest_channel", "Largest channel by cost", largest.name),
        facts.percent("largest_cost_share", "Its share of cost", largest.cost / cost * 100, digits=0),
        facts.text("top_return_channel", "Highest return", top.name),
        facts.ratio("top_return", "Its return", top.mean_return or 0),
        things("losing_count", "Bring less than they cost", len(losing), "channel"),
        things("judged_count", "Channels whose next unit can be judged", len(judged), "channel"),
    ]
    if revenue:
        share = largest.revenue / revenue * 100
        made.append(facts.percent("largest_revenue_share", "Its share of revenue", share, digits=0))
    if losing:
        worst = min(losing, key=lambda item: item.revenue - item.cost)
        made += [
            facts.text("losing_channel", "Loses most", worst.name),
            facts.ratio("losing_return", "Its return", worst.mean_return or 0),
        ]
    return made + _shift(judged, currency)


def _shift(judged: list[Channel], currency: str) -> list[Fact]:
    """Propose to move some money of a period from where the next unit brings least, where both fits are fair."""
    sure = [item for item in judged if item.error is not None and item.error <= _SURE]
    if len(sure) < 2:
        return []
    best, worst = max(sure, key=lambda item: item.marginal or 0), min(sure, key=lambda item: item.marginal or 0)
    made = [
        facts.text("best_channel", "More money brings most in", best.name),
        facts.ratio("best_marginal", "Return of the next unit there", best.marginal or 0),
        facts.text("worst_channel", "More money brings least in", worst.name),
        facts.ratio("worst_marginal", "Return of the next unit there", worst.marginal or 0),
    ]
    if best.name != worst.name and worst.cost:
        amount = (min(worst.cost / worst.periods, best.cost / best.periods) * _SHIFT).quantize(Decimal("0.01"))
        gain = amount * Decimal(repr((best.marginal or 0) - (worst.marginal or 0)))
        made += [
            facts.money("shift", "Money to move in a period", amount, currency),
            facts.money("shift_gain", "Revenue that it should add", gain, currency),
        ]
    return made


def _row(item: Channel, cost: Decimal, revenue: Decimal) -> dict[str, Cell]:
    return {
        "channel": item.name,
        "cost": item.cost,
        "revenue": item.revenue,
        "cost_share": round(float(item.cost / cost) * 100, 1),
        "revenue_share": round(float(item.revenue / revenue) * 100, 1) if revenue else None,
        "mean": None if item.mean_return is None else round(item.mean_return, 2),
        "marginal": None if item.marginal is None else round(item.marginal, 2),
    }
