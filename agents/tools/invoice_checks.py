"""Invoice checks: whether sums and tax of issued invoices hold, and whether their numbers run without gaps."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.parts import Cell, Checklist, Item, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import (
    Amount,
    MoneyArgs,
    Name,
    Percentage,
    Row,
    SignedAmount,
    cents,
    columns,
    total,
)

_NUMBER: Final = re.compile(r"^(.*?)(\d{1,15})$", re.ASCII)
_LISTED: Final = 10
"""Missing numbers that are named; more are counted."""


class Line(Row):
    """A line of an invoice; the rate is in percent."""

    description: Name = "Item"
    quantity: Annotated[Decimal, Field(max_digits=14, decimal_places=4)] = Decimal(1)
    unit_price: SignedAmount
    tax_rate: Percentage

    @property
    def net(self) -> Decimal:
        """Its amount without tax, to the cent."""
        return cents(self.quantity * self.unit_price)


class Document(Row):
    """An issued invoice with the totals that are printed on it."""

    number: str = Field(min_length=1, max_length=60)
    customer: Name
    issued_on: date
    lines: list[Line] = Field(min_length=1, max_length=200)
    net: SignedAmount
    tax: SignedAmount
    gross: SignedAmount

    @property
    def right_net(self) -> Decimal:
        """The sum of its lines."""
        return total(line.net for line in self.lines)

    @property
    def right_tax(self) -> Decimal:
        """The tax by rate on the sum of that rate's lines, as EN 16931 (BT-117) wants it."""
        by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            by_rate[line.tax_rate] += line.net
        return total(cents(base * rate / 100) for rate, base in by_rate.items())


class CheckArgs(MoneyArgs):
    """The invoices of a period."""

    invoices: list[Document] = Field(min_length=1, max_length=500, description="Issued invoices with their lines")
    allowed_rates: list[Percentage] = Field(
        default_factory=list, max_length=20, description="Tax rates in use, in percent; without them any rate passes"
    )
    tolerance: Amount = Field(Decimal(0), description="Difference of a total that is let pass")
    twin_days: int = Field(
        10, ge=0, le=366, description="Days between invoices of the same amount that look like twins"
    )


class Finding(Row):
    """What is wrong with an invoice; the amounts are given where a total is wrong."""

    number: str
    customer: str
    problem: str
    stated: Decimal | None = None
    right: Decimal | None = None


class Checked(ToolResult):
    """The findings, in the order of the invoices."""

    findings: list[Finding]


@tool(
    facts={
        "checked_count": "count",
        "finding_count": "count",
        "faulty_count": "count",
        "faulty_share": "percent",
        "sum_errors": "count",
        "wrong_by": "money",
        "twin_count": "count",
        "twin_total": "money",
        "missing_count": "count",
        "missing_numbers": "text",
        "example_number": "text",
        "example_problem": "text",
    },
    parts={"findings": "table", "to_do": "checklist"},
)
def check_invoices(context: ToolContext, args: CheckArgs) -> Checked:
    """Check sums, tax, tax rates, repeated invoices and the run of numbers of issued invoices."""
    sums = [item for document in args.invoices for item in _sum_findings(document, args)]
    twins = list(_twins(args.invoices, args.twin_days))
    missing, missing_count = _missing(args.invoices)
    findings = [*sums, *(Finding(number=a.number, customer=a.customer, problem=why) for a, _, why in twins)]
    currency = args.currency_in(context)
    faulty = {item.number for item in findings}
    wrong_by = total(abs(document.gross - document.right_net - document.right_tax) for document in args.invoices)
    found = [
        facts.count("checked_count", "Invoices checked", len(args.invoices)),
        facts.count("finding_count", "Findings", len(findings)),
        facts.count("faulty_count", "Invoices with a finding", len(faulty)),
        facts.percent("faulty_share", "Share of the invoices with a finding", len(faulty) / len(args.invoices) * 100),
        facts.count("sum_errors", "Wrong sums and rates", len(sums)),
        facts.money("wrong_by", "Gross totals differ by", wrong_by, currency),
        facts.count("twin_count", "Invoices that repeat another", len(twins)),
        facts.money("twin_total", "Charged again by them", total(item.gross for item, _, _ in twins), currency),
        facts.count("missing_count", "Numbers missing in the run", missing_count),
    ]
    if missing:
        found.append(facts.text("missing_numbers", "Missing numbers", ", ".join(missing)))
    if findings:
        found.append(facts.text("example_number", "An invoice with a finding", findings[0].number))
        found.append(facts.text("example_problem", "What is wrong with it", findings[0].problem))
    return Checked(
        source="input",
        findings=findings,
        facts=found,
        parts={"findings": _table(findings, currency), "to_do": _to_do(findings, missing)},
    )


def _sum_findings(document: Document, args: CheckArgs) -> Iterator[Finding]:
    checks = (
        ("The net total is not the sum of the lines", document.net, document.right_net),
        ("The tax is not that of the lines", document.tax, document.right_tax),
        ("The gross total is not net plus tax", document.gross, document.net + document.tax),
    )
    for problem, stated, right in checks:
        if abs(stated - right) > args.tolerance:
            yield Finding(
                number=document.number, customer=document.customer, problem=problem, stated=stated, right=right
            )
    for rate in sorted({line.tax_rate for line in document.lines}):
        if args.allowed_rates and rate not in args.allowed_rates:
            problem = f"The tax rate {rate.normalize():f} % is not in use"
            yield Finding(number=document.number, customer=document.customer, problem=problem)


def _twins(documents: list[Document], days: int) -> Iterator[tuple[Document, Document, str]]:
    """Give each invoice that repeats an earlier one, with that one and the reason."""
    numbers: dict[str, Document] = {}
    amounts: dict[tuple[str, Decimal], Document] = {}
    for item in sorted(documents, key=lambda document: document.issued_on):
        same_number = numbers.get(item.number)
        key = (item.customer.casefold().strip(), cents(item.gross))
        same_amount = amounts.get(key)
        if same_number is not None:
            yield item, same_number, "The number has been used already"
        elif same_amount is not None and item.issued_on - same_amount.issued_on <= timedelta(days=days):
            yield item, same_amount, f"Same customer and amount as {same_amount.number}"
        numbers.setdefault(item.number, item)
        amounts[key] = item


def _missing(documents: list[Document]) -> tuple[list[str], int]:
    """Give the gaps of each run of numbers: a few by name, and their count."""
    runs: dict[str, dict[int, int]] = defaultdict(dict)
    for item in documents:
        if found := _NUMBER.match(item.number):
            runs[found[1]][int(found[2])] = len(found[2])
    named: list[str] = []
    missing_count = 0
    for prefix, run in sorted(runs.items()):
        taken = sorted(run)
        for low, high in pairwise(taken):
            missing_count += high - low - 1
            between = range(low + 1, min(high, low + 1 + _LISTED - len(named)))
            named += [f"{prefix}{number:0{run[low]}d}" for number in between]
    return named, missing_count


def _table(findings: list[Finding], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "number": item.number,
            "customer": item.customer,
            "problem": item.problem,
            "stated": item.stated,
            "right": item.right,
        }
        for item in findings[:200]
    ]
    return Table(
        title="Findings",
        columns=columns(
            number="Invoice",
            customer="Customer",
            problem="Finding",
            stated=("Stated", "money"),
            right=("Should be", "money"),
        ),
        rows=rows,
        currency=currency,
    )


def _to_do(findings: list[Finding], missing: list[str]) -> Checklist:
    items = [Item(text=f"{item.number}, {item.customer}", why=item.problem) for item in findings[:50]]
    items += [
        Item(text=f"{number}: find it or note why it is void", why="The run has a gap here") for number in missing
    ]
    return Checklist(title="To put right", items=items)
