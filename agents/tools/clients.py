"""Clients: what each of them brings in, what the work for it costs, and what is left."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, cents, columns, percent_of, split, total

Hours = Annotated[Decimal, Field(gt=0, le=100_000, max_digits=9, decimal_places=2)]


class Work(Row):
    """Hours of work for a client, what an hour costs the agency, and what is charged for it."""

    client: Name
    role: Name = "Work"
    hours: Hours
    cost_rate: Amount
    bill_rate: Amount = Decimal(0)
    """Zero for hours that are not charged by the hour."""


class ClientAmount(Row):
    """A fixed fee or an outside cost of a client."""

    client: Name
    amount: Amount
    label: Name = "Amount"


class ClientArgs(MoneyArgs):
    """The work of a period, with fees and costs."""

    work: list[Work] = Field(min_length=1, max_length=3000, description="Hours by client and role")
    fees: list[ClientAmount] = Field(default_factory=list, max_length=1000, description="Fixed fees and retainers")
    costs: list[ClientAmount] = Field(default_factory=list, max_length=1000, description="Outside costs by client")
    overhead: Amount = Field(Decimal(0), description="Costs of the house, spread over the clients by hours")
    target_margin: Annotated[Decimal, Field(ge=0, le=95, description="Wanted margin in percent")] = Decimal(20)


class Client(Row):
    """A client's figures; revenue - labour - costs - overhead = profit."""

    client: str
    hours: Decimal
    revenue: Decimal
    labour: Decimal
    costs: Decimal
    overhead: Decimal

    @property
    def profit(self) -> Decimal:
        """What is left."""
        return self.revenue - self.labour - self.costs - self.overhead

    @property
    def margin(self) -> Decimal | None:
        """The profit in percent of the revenue; None without revenue."""
        return percent_of(self.profit, self.revenue)


class Clients(ToolResult):
    """The clients, the most profitable before the others."""

    clients: list[Client]


@tool(
    facts={
        "client_count": "count",
        "revenue": "money",
        "profit": "money",
        "loss": "money",
        "margin": "percent",
        "target_margin": "percent",
        "hours": "hours",
        "unbilled_hours": "hours",
        "unbilled_cost": "money",
        "best_client": "text",
        "best_profit": "money",
        "worst_client": "text",
        "worst_profit": "money",
        "worst_loss": "money",
        "worst_hourly": "money",
        "worst_needed": "money",
        "losing_count": "count",
        "losing_total": "money",
        "below_target": "count",
    },
    parts={"clients": "table", "chart": "series"},
)
def client_profitability(context: ToolContext, args: ClientArgs) -> Clients:
    """Compute revenue, labour, costs, spread overhead, profit and margin by client."""
    clients = sorted(_clients(args), key=lambda item: (-item.profit, item.client))
    unbilled = [item for item in args.work if item.bill_rate == 0]
    losing = [item for item in clients if item.profit < 0]
    currency = args.currency_in(context)
    fee_clients = {item.client for item in args.fees}
    unpaid = [item for item in unbilled if item.client not in fee_clients]
    found = [
        facts.count("client_count", "Clients", len(clients)),
        facts.money("revenue", "Revenue", total(item.revenue for item in clients), currency),
        *_result(clients, currency),
        facts.percent("target_margin", "Wanted margin", args.target_margin),
        facts.span("hours", "Hours worked", total(item.hours for item in clients), "hours", digits=1),
        facts.span("unbilled_hours", "Hours without a charge", total(w.hours for w in unpaid), "hours", digits=1),
        facts.money("unbilled_cost", "Their cost", total(cents(w.hours * w.cost_rate) for w in unpaid), currency),
        facts.count("losing_count", "Clients at a loss", len(losing)),
        facts.money("losing_total", "Lost there", -total(item.profit for item in losing), currency),
        facts.count("below_target", "Clients below the wanted margin", sum(_is_thin(c, args) for c in clients)),
        *_ends(clients, args, currency),
    ]
    return Clients(
        source="input",
        clients=clients,
        facts=found,
        parts={
            "clients": _table(clients, currency),
            "chart": Series(
                title="Profit by client",
                form="bar",
                unit=currency,
                points=[Point(x=item.client, y=float(item.profit)) for item in clients[:50]],
            ),
        },
    )


def _clients(args: ClientArgs) -> list[Client]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for work in args.work:
        sums[work.client]["hours"] += work.hours
        sums[work.client]["labour"] += cents(work.hours * work.cost_rate)
        sums[work.client]["revenue"] += cents(work.hours * work.bill_rate)
    for fee in args.fees:
        sums[fee.client]["revenue"] += cents(fee.amount)
    for cost in args.costs:
        sums[cost.client]["costs"] += cents(cost.amount)
    shares = split(args.overhead, [item["hours"] for item in sums.values()])
    return [
        Client(
            client=name,
            hours=item["hours"],
            revenue=item["revenue"],
            labour=item["labour"],
            costs=item["costs"],
            overhead=share,
        )
        for (name, item), share in zip(sums.items(), shares, strict=True)
    ]


def _is_thin(client: Client, args: ClientArgs) -> bool:
    return client.margin is None or client.margin < args.target_margin


def _result(clients: list[Client], currency: str) -> list[Fact]:
    profit = total(item.profit for item in clients)
    margin = percent_of(profit, total(item.revenue for item in clients))
    found = [facts.money("profit", "Profit", profit, currency)]
    if profit < 0:
        found.append(facts.money("loss", "Loss", -profit, currency))
    return found if margin is None else [*found, facts.percent("margin", "Margin", margin)]


def _ends(clients: list[Client], args: ClientArgs, currency: str) -> list[Fact]:
    """Give the ends of the list, and the hourly revenue that would bring the last to the wanted margin."""
    best, worst = clients[0], clients[-1]
    found = [
        facts.text("best_client", "Most profitable client", best.client),
        facts.money("best_profit", "Profit there", best.profit, currency),
        facts.text("worst_client", "Least profitable client", worst.client),
        facts.money("worst_profit", "Profit of the least profitable", worst.profit, currency),
    ]
    if worst.profit < 0:
        found.append(facts.money("worst_loss", "Loss of the least profitable", -worst.profit, currency))
    if worst.hours and _is_thin(worst, args):
        needed = (worst.revenue - worst.profit) / (1 - args.target_margin / 100) / worst.hours
        found.append(facts.money("worst_hourly", "It pays by the hour", worst.revenue / worst.hours, currency))
        found.append(facts.money("worst_needed", "It would have to pay by the hour", needed, currency))
    return found


def _table(clients: list[Client], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "client": item.client,
            "hours": float(item.hours),
            "revenue": item.revenue,
            "labour": item.labour,
            "costs": item.costs,
            "overhead": item.overhead,
            "profit": item.profit,
            "margin": None if item.margin is None else round(float(item.margin), 1),
        }
        for item in clients[:200]
    ]
    return Table(
        title="Profit by client",
        columns=columns(
            client="Client",
            hours=("Hours", "number"),
            revenue=("Revenue", "money"),
            labour=("Labour", "money"),
            costs=("Outside costs", "money"),
            overhead=("Overhead", "money"),
            profit=("Profit", "money"),
            margin=("Margin", "percent"),
        ),
        rows=rows,
        currency=currency,
    )
