"""Invoices: what is owed, since when, and what to expect of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.parts import Cell, Column, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool

Amount = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]


class Invoice(BaseModel):
    """An invoice as the books have it; what was paid of it may be all, a part or nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str = Field(min_length=1, max_length=60)
    customer: str = Field(min_length=1, max_length=120)
    amount: Amount
    paid: Amount = Decimal(0)
    issued_on: date
    due_on: date

    @property
    def open_amount(self) -> Decimal:
        """What is still owed; never negative."""
        return max(self.amount - self.paid, Decimal(0))


class AgeingArgs(Args):
    """The invoices, and the day on which they are looked at."""

    invoices: list[Invoice] = Field(min_length=1, max_length=2000, description="Invoices, open and paid")
    as_of: date | None = Field(None, description="The day of the report; today without it")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class Ageing(ToolResult):
    """Open invoices by how long they are overdue."""

    open_invoices: list[Invoice]
    overdue: list[Invoice]


_BUCKETS: Final = (("Not due yet", None), ("1 to 30 days", 30), ("31 to 60 days", 60), ("61 to 90 days", 90))
_OLDEST: Final = "Over 90 days"


@tool(
    facts={
        "open_count": "count",
        "open_total": "money",
        "overdue_count": "count",
        "overdue_total": "money",
        "overdue_share": "percent",
        "oldest_days": "days",
        "largest_debtor": "text",
        "largest_debt": "money",
    },
    parts={"buckets": "table", "chart": "series", "overdue": "table"},
)
def invoice_ageing(context: ToolContext, args: AgeingArgs) -> Ageing:
    """Sort open invoices into the usual ageing buckets (not due, 1-30, 31-60, 61-90, over 90 days overdue)."""
    as_of = args.as_of or context.now.date()
    currency = args.currency or context.currency
    still_open = [item for item in args.invoices if item.open_amount > 0]
    overdue = sorted((item for item in still_open if item.due_on < as_of), key=lambda item: item.due_on)
    totals = {label: Decimal(0) for label, _ in _BUCKETS} | {_OLDEST: Decimal(0)}
    for item in still_open:
        totals[_bucket((as_of - item.due_on).days)] += item.open_amount
    found = [
        facts.count("open_count", "Open invoices", len(still_open)),
        facts.money("open_total", "Open in total", sum(totals.values(), Decimal(0)), currency),
        facts.count("overdue_count", "Overdue invoices", len(overdue)),
        facts.money("overdue_total", "Overdue in total", _total(overdue), currency),
    ]
    if still_open:
        share = _total(overdue) / _total(still_open) * 100
        found.append(facts.percent("overdue_share", "Share of the open amount that is overdue", share))
    if overdue:
        debtor, debt = _largest_debtor(overdue)
        found += [
            facts.span("oldest_days", "Longest overdue", (as_of - overdue[0].due_on).days, "days"),
            facts.text("largest_debtor", "Owes most of what is overdue", debtor),
            facts.money("largest_debt", "Overdue of the largest debtor", debt, currency),
        ]
    buckets: list[dict[str, Cell]] = [{"bucket": label, "amount": total} for label, total in totals.items()]
    return Ageing(
        source="input",
        open_invoices=still_open,
        overdue=overdue,
        facts=found,
        parts={
            "buckets": Table(
                title="Open invoices by age",
                columns=[Column(key="bucket", label="Age"), Column(key="amount", label="Amount", kind="money")],
                rows=buckets,
                currency=currency,
            ),
            "chart": Series(
                title="Open invoices by age",
                form="bar",
                unit=currency,
                points=[Point(x=label, y=float(total)) for label, total in totals.items()],
            ),
            "overdue": _overdue_table(overdue, as_of, currency),
        },
    )


def _bucket(days_overdue: int) -> str:
    if days_overdue <= 0:
        return _BUCKETS[0][0]
    return next((label for label, most in _BUCKETS if most is not None and days_overdue <= most), _OLDEST)


def _total(items: list[Invoice]) -> Decimal:
    return sum((item.open_amount for item in items), Decimal(0))


def _largest_debtor(overdue: list[Invoice]) -> tuple[str, Decimal]:
    by_customer = sorted(overdue, key=lambda item: item.customer)
    debts = {name: _total(list(items)) for name, items in groupby(by_customer, key=lambda item: item.customer)}
    return max(debts.items(), key=lambda item: (item[1], item[0]))


def _overdue_table(overdue: list[Invoice], as_of: date, currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "number": item.number,
            "customer": item.customer,
            "due_on": item.due_on.isoformat(),
            "days": (as_of - item.due_on).days,
            "amount": item.open_amount,
        }
        for item in overdue[:200]
    ]
    return Table(
        title="Overdue invoices, the oldest first",
        columns=[
            Column(key="number", label="Invoice"),
            Column(key="customer", label="Customer"),
            Column(key="due_on", label="Due", kind="date"),
            Column(key="days", label="Days overdue", kind="number"),
            Column(key="amount", label="Open", kind="money"),
        ],
        rows=rows,
        currency=currency,
    )
