"""Campaigns: what each brings for its money, against the point where it pays for itself.

A campaign breaks even when the margin on its revenue covers its spend: at a return on ad spend of 1 / margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, cents, columns, total

FEWEST: Final = 10
"""Conversions from which a campaign's return is more than chance."""


class Campaign(Row):
    """A campaign's figures of a period."""

    name: Name
    spend: Amount
    revenue: Amount
    conversions: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4)]
    clicks: int = Field(0, ge=0, le=10**12)


class ReturnArgs(MoneyArgs):
    """The campaigns of a period, and what is left of a sale before advertising."""

    campaigns: list[Campaign] = Field(min_length=1, max_length=200, description="Campaigns with spend and revenue")
    margin_rate: Annotated[
        Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4, description="Margin of a sale, percent")
    ]


class Return(Row):
    """A campaign's return; `roas` is None without spend, `cost` (of a conversion) without conversions."""

    name: str
    spend: Decimal
    revenue: Decimal
    conversions: Decimal
    roas: Decimal | None
    cost: Decimal | None
    profit: Decimal
    """Margin on the revenue less the spend."""

    @property
    def is_thin(self) -> bool:
        """Whether there are too few conversions to judge it."""
        return self.conversions < FEWEST


class Returns(ToolResult):
    """The campaigns, the most profitable before the others."""

    returns: list[Return]


@tool(
    facts={
        "campaign_count": "count",
        "spend": "money",
        "revenue": "money",
        "conversions": "number",
        "roas": "ratio",
        "break_even_roas": "ratio",
        "cost_per_conversion": "money",
        "break_even_cost": "money",
        "margin_rate": "percent",
        "profit": "money",
        "loss": "money",
        "best_campaign": "text",
        "best_roas": "ratio",
        "best_profit": "money",
        "worst_campaign": "text",
        "worst_roas": "ratio",
        "worst_loss": "money",
        "losing_count": "count",
        "losing_spend": "money",
        "losing_total": "money",
        "thin_count": "count",
        "thin_spend": "money",
    },
    parts={"campaigns": "table", "chart": "series"},
)
def campaign_returns(context: ToolContext, args: ReturnArgs) -> Returns:
    """Compute return on ad spend, cost per conversion and profit by campaign, against the break-even point."""
    returns = [_return(item, args.margin_rate) for item in args.campaigns]
    returns.sort(key=lambda item: (-item.profit, item.name))
    currency = args.currency_in(context)
    thin = [item for item in returns if item.is_thin]
    return Returns(
        source="input",
        returns=returns,
        facts=[
            facts.count("campaign_count", "Campaigns", len(returns)),
            facts.percent("margin_rate", "Margin of a sale", args.margin_rate),
            facts.ratio("break_even_roas", "Return at which spend pays for itself", 100 / args.margin_rate),
            facts.count("thin_count", "Campaigns with too few conversions to judge", len(thin)),
            facts.money("thin_spend", "Spent on them", total(item.spend for item in thin), currency),
            *_whole(returns, args.margin_rate, currency),
            *_ends(returns, currency),
        ],
        parts={
            "campaigns": _table(returns, currency),
            "chart": Series(
                title="Profit after advertising, by campaign",
                form="bar",
                unit=currency,
                points=[Point(x=item.name, y=float(item.profit)) for item in returns],
            ),
        },
    )


def _return(campaign: Campaign, margin_rate: Decimal) -> Return:
    return Return(
        name=campaign.name,
        spend=campaign.spend,
        revenue=campaign.revenue,
        conversions=campaign.conversions,
        roas=campaign.revenue / campaign.spend if campaign.spend else None,
        cost=campaign.spend / campaign.conversions if campaign.conversions else None,
        profit=cents(campaign.revenue * margin_rate / 100) - campaign.spend,
    )


def _whole(returns: Sequence[Return], margin_rate: Decimal, currency: str) -> list[Fact]:
    spend, revenue = total(item.spend for item in returns), total(item.revenue for item in returns)
    conversions, profit = total(item.conversions for item in returns), total(item.profit for item in returns)
    found = [
        facts.money("spend", "Spend", spend, currency),
        facts.money("revenue", "Revenue", revenue, currency),
        facts.number("conversions", "Conversions", conversions, digits=0),
    ]
    found.append(
        facts.money("profit", "Profit after advertising", profit, currency)
        if profit >= 0
        else facts.money("loss", "Loss after advertising", -profit, currency)
    )
    if spend:
        found.append(facts.ratio("roas", "Return on ad spend", revenue / spend))
    if conversions:
        found.append(facts.money("cost_per_conversion", "Cost of a conversion", spend / conversions, currency))
        most = revenue * margin_rate / 100 / conversions
        found.append(facts.money("break_even_cost", "A conversion may cost at most", most, currency))
    return found


def _ends(returns: Sequence[Return], currency: str) -> list[Fact]:
    """Give the best, and of what loses money the worst; campaigns with few conversions count only towards the sums."""
    losing = [item for item in returns if item.profit < 0 and not item.is_thin]
    found = [
        facts.count("losing_count", "Campaigns that lose money", len(losing)),
        facts.money("losing_spend", "Spent on them", total(item.spend for item in losing), currency),
        facts.money("losing_total", "Lost on them", -total(item.profit for item in losing), currency),
    ]
    best = next((item for item in returns if item.profit > 0 and not item.is_thin), None)
    if best is not None:
        found.append(facts.text("best_campaign", "Most profitable", best.name))
        found.append(facts.money("best_profit", "Its profit", best.profit, currency))
        found += [] if best.roas is None else [facts.ratio("best_roas", "Its return", best.roas)]
    if losing:
        worst = losing[-1]
        found.append(facts.text("worst_campaign", "Loses most", worst.name))
        found.append(facts.money("worst_loss", "Its loss", -worst.profit, currency))
        found += [] if worst.roas is None else [facts.ratio("worst_roas", "Return there", worst.roas)]
    return found


def _table(returns: Sequence[Return], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "name": item.name,
            "spend": item.spend,
            "revenue": item.revenue,
            "conversions": float(item.conversions),
            "roas": None if item.roas is None else round(float(item.roas), 2),
            "cost": None if item.cost is None else cents(item.cost),
            "profit": item.profit,
            "note": "few conversions" if item.is_thin else "",
        }
        for item in returns
    ]
    return Table(
        title="Campaigns by profit after advertising",
        columns=columns(
            name="Campaign",
            spend=("Spend", "money"),
            revenue=("Revenue", "money"),
            conversions=("Conversions", "number"),
            roas=("Return", "number"),
            cost=("Cost of a conversion", "money"),
            profit=("Profit", "money"),
            note="Note",
        ),
        rows=rows,
        currency=currency,
    )
