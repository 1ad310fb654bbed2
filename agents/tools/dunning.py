"""Dunning: which customer gets which letter, by the age of the debt and by its size."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Item, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Percentage, Row, cents, columns, total
from agents.tools.invoices import Invoice

Stage = Literal["wait", "reminder", "firm", "final"]
_ORDER: Final[tuple[Stage, ...]] = ("reminder", "firm", "final")
_ACTIONS: Final[dict[Stage, str]] = {
    "wait": "Wait: too small for a letter of its own",
    "reminder": "Friendly reminder",
    "firm": "Firm reminder with a date",
    "final": "Final demand, and a call before it goes out",
}


class DunningArgs(MoneyArgs):
    """Overdue invoices and the house rules."""

    invoices: list[Invoice] = Field(max_length=2000, description="Overdue invoices")
    as_of: date | None = Field(None, description="The day of the report; today without it")
    firm_after: int = Field(15, ge=1, le=365, description="Days overdue from which the tone is firm")
    final_after: int = Field(45, ge=2, le=730, description="Days overdue from which the demand is final")
    small_amount: Amount = Field(Decimal(25), description="Debts below it wait for a larger sum")
    large_amount: Amount = Field(Decimal(5000), description="Debts from it on go a stage further")
    interest_rate: Percentage = Field(
        Decimal(0), description="Interest on arrears from a firm reminder on, percent a year"
    )


class Letter(Row):
    """What is due from a customer, and the stage that it has reached."""

    customer: str
    stage: Stage
    invoices: list[str]
    days: int
    debt: Decimal
    interest: Decimal

    @property
    def claim(self) -> Decimal:
        """Debt and interest."""
        return self.debt + self.interest


class Dunning(ToolResult):
    """The letters, the most advanced stage before the others, then the larger claim."""

    letters: list[Letter]


@tool(
    facts={
        "letter_count": "count",
        "waiting_count": "count",
        "claim_total": "money",
        "interest_total": "money",
        **{f"{stage}_count": "count" for stage in _ORDER},
        **{f"{stage}_customer": "text" for stage in _ORDER},
        **{f"{stage}_invoices": "text" for stage in _ORDER},
        **{f"{stage}_claim": "money" for stage in _ORDER},
        **{f"{stage}_days": "days" for stage in _ORDER},
    },
    parts={"letters": "table", "to_do": "checklist"},
)
def dunning_plan(context: ToolContext, args: DunningArgs) -> Dunning:
    """Give each customer with overdue invoices a dunning stage by age and size of the debt, with interest."""
    if args.final_after <= args.firm_after:
        raise ToolNeedsMore("final_after: must be more days than firm_after")
    as_of = args.as_of or context.now.date()
    by_customer: dict[str, list[Invoice]] = defaultdict(list)
    for item in args.invoices:
        if item.open_amount > 0 and item.due_on < as_of:
            by_customer[item.customer].append(item)
    letters = [_letter(name, items, as_of, args) for name, items in by_customer.items()]
    letters.sort(key=lambda letter: (-_rank(letter.stage), -letter.claim, letter.customer))
    sent = [letter for letter in letters if letter.stage != "wait"]
    currency = args.currency_in(context)
    found = [
        facts.count("letter_count", "Letters to send", len(sent)),
        facts.count("waiting_count", "Customers whose debt is too small yet", len(letters) - len(sent)),
        facts.money("claim_total", "Claimed in all", total(letter.claim for letter in sent), currency),
        facts.money("interest_total", "Of it interest", total(letter.interest for letter in sent), currency),
        *(fact for stage in _ORDER for fact in _stage_facts(stage, sent, currency)),
    ]
    return Dunning(
        source="input",
        letters=letters,
        facts=found,
        parts={"letters": _table(letters, currency), "to_do": _to_do(sent)},
    )


def _letter(customer: str, items: list[Invoice], as_of: date, args: DunningArgs) -> Letter:
    debt = total(cents(item.open_amount) for item in items)
    days = max((as_of - item.due_on).days for item in items)
    stage = _stage(days, debt, args)
    # A friendly reminder claims no interest: it says that the delay may be an oversight.
    rate = args.interest_rate / 100 if stage in ("firm", "final") else Decimal(0)
    interest = total(cents(item.open_amount * rate * (as_of - item.due_on).days / 365) for item in items)
    return Letter(
        customer=customer,
        stage=stage,
        invoices=[item.number for item in items],
        days=days,
        debt=debt,
        interest=interest,
    )


def _stage(days: int, debt: Decimal, args: DunningArgs) -> Stage:
    if debt < args.small_amount:
        return "wait"
    reached = (days >= args.firm_after) + (days >= args.final_after) + (debt >= args.large_amount)
    return _ORDER[min(reached, len(_ORDER) - 1)]


def _rank(stage: Stage) -> int:
    return -1 if stage == "wait" else _ORDER.index(stage)


def _stage_facts(stage: Stage, sent: list[Letter], currency: str) -> list[Fact]:
    here = [letter for letter in sent if letter.stage == stage]
    found = [facts.count(f"{stage}_count", f"{_ACTIONS[stage]}: letters", len(here))]
    if not here:
        return found
    largest = here[0]
    return [
        *found,
        facts.text(f"{stage}_customer", f"Largest claim at the stage: {stage}", largest.customer),
        facts.text(f"{stage}_invoices", "Its invoices", ", ".join(largest.invoices)),
        facts.money(f"{stage}_claim", "Its claim", largest.claim, currency),
        facts.span(f"{stage}_days", "Its oldest invoice is overdue by", largest.days, "days"),
    ]


def _table(letters: list[Letter], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "customer": letter.customer,
            "invoices": ", ".join(letter.invoices[:10]),
            "days": letter.days,
            "debt": letter.debt,
            "interest": letter.interest,
            "claim": letter.claim,
            "action": _ACTIONS[letter.stage],
        }
        for letter in letters[:200]
    ]
    return Table(
        title="Letters by customer",
        columns=columns(
            customer="Customer",
            invoices="Invoices",
            days=("Days overdue", "number"),
            debt=("Debt", "money"),
            interest=("Interest", "money"),
            claim=("Claim", "money"),
            action="Next step",
        ),
        rows=rows,
        currency=currency,
    )


def _to_do(sent: list[Letter]) -> Checklist:
    items = [
        Item(text=f"{letter.customer}: {_ACTIONS[letter.stage]}", why=f"Overdue by {letter.days} days")
        for letter in sent[:50]
    ]
    return Checklist(title="In this order", items=items)
