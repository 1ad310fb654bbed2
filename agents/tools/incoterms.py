"""Incoterms 2020: who arranges and pays what under a term, where the risk passes, and what duty is paid on.

The table follows the articles A1-B10 of the ICC's rules (publication 723E): carriage (A4/B4), insurance (A5/B5),
clearance (A7/B7), costs (A9/B9). The customs value with transport up to the border is that of the Union Customs Code
(regulation 952/2013, articles 70-72); without it, that of the United States (19 USC 1401a).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Item, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Percentage, Row, cents, columns, total

TermCode = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"]
Side = Literal["buyer", "seller"]
StageKey = Literal[
    "packing",
    "loading",
    "carriage_to_port",
    "export_clearance",
    "origin_handling",
    "loading_on_board",
    "main_carriage",
    "insurance",
    "destination_handling",
    "import_clearance",
    "carriage_from_port",
    "unloading",
]
Transport = Literal["sea", "container", "air", "road", "rail"]


@dataclass(frozen=True, slots=True)
class Term:
    """A rule: its name, where the risk passes to the buyer, and for goods at sea what fits containers better."""

    name: str
    risk_passes: str
    only_sea: bool = False
    for_containers: str = ""


TERMS: Final[dict[TermCode, Term]] = {
    "EXW": Term("Ex Works", "at the seller's premises, before loading"),
    "FCA": Term("Free Carrier", "when the goods are handed to the buyer's carrier"),
    "FAS": Term("Free Alongside Ship", "on the quay beside the ship", True, "FCA"),
    "FOB": Term("Free On Board", "on board the ship at the port of shipment", True, "FCA"),
    "CFR": Term("Cost and Freight", "on board the ship at the port of shipment", True, "CPT"),
    "CIF": Term("Cost, Insurance and Freight", "on board the ship at the port of shipment", True, "CIP"),
    "CPT": Term("Carriage Paid To", "when the goods are handed to the earliest carrier"),
    "CIP": Term("Carriage and Insurance Paid To", "when the goods are handed to the earliest carrier"),
    "DAP": Term("Delivered at Place", "at the destination, ready for unloading"),
    "DPU": Term("Delivered at Place Unloaded", "at the destination, after unloading"),
    "DDP": Term("Delivered Duty Paid", "at the destination, cleared and ready for unloading"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the journey, and under which terms it is the seller's; otherwise it is the buyer's."""

    key: StageKey
    label: str
    sellers: frozenset[TermCode]
    before_border: bool = True


def _all_but(*terms: TermCode) -> frozenset[TermCode]:
    return frozenset(TERMS) - frozenset(terms)


_DELIVERED: Final[frozenset[TermCode]] = frozenset({"DAP", "DPU", "DDP"})
STAGES: Final[tuple[Stage, ...]] = (
    Stage("packing", "Packing for export", _all_but()),
    Stage("loading", "Loading at the seller's", _all_but("EXW")),
    Stage("carriage_to_port", "Carriage to the port or carrier", _all_but("EXW")),
    Stage("export_clearance", "Export clearance", _all_but("EXW")),
    Stage("origin_handling", "Terminal handling at origin", _all_but("EXW", "FCA")),
    Stage("loading_on_board", "Loading on board", _all_but("EXW", "FCA", "FAS")),
    Stage("main_carriage", "Main carriage", _all_but("EXW", "FCA", "FAS", "FOB")),
    Stage("insurance", "Insurance of the main carriage", _DELIVERED | {"CIF", "CIP"}),
    Stage("destination_handling", "Terminal handling at destination", _DELIVERED, before_border=False),
    Stage("import_clearance", "Import clearance", frozenset({"DDP"}), before_border=False),
    Stage("carriage_from_port", "Carriage to the named place", _DELIVERED, before_border=False),
    Stage("unloading", "Unloading at destination", frozenset({"DPU"}), before_border=False),
)
_INSURANCE: Final[dict[TermCode, str]] = {
    "CIF": "the seller, with the minimum cover of the Institute Cargo Clauses (C)",
    "CIP": "the seller, with the full cover of the Institute Cargo Clauses (A)",
}


class StageCost(Row):
    """What a stage costs, whoever pays it."""

    stage: StageKey
    amount: Amount


class IncotermArgs(MoneyArgs):
    """A deal: the price under its term, and the costs of the journey that are known."""

    term: TermCode = Field(description="Incoterms 2020 rule of the contract")
    side: Side = Field("buyer", description="Whose view is taken")
    transport: Transport = Field("container", description="How the goods travel; sea is bulk or general cargo")
    price: Amount = Field(description="Price of the goods under the term")
    costs: list[StageCost] = Field(default_factory=list, max_length=40, description="Costs by stage")
    duty_rate: Percentage = Field(Decimal(0), description="Import duty in percent")
    customs_basis: Literal["cif", "fob"] = Field(
        "cif", description="Whether duty is on the value with transport to the border (EU) or without (US)"
    )


class Task(Row):
    """A stage with who pays it and what it costs, None where that is not known."""

    stage: StageKey
    label: str
    payer: Side
    amount: Decimal | None


class Terms(ToolResult):
    """The stages in the order of the journey."""

    tasks: list[Task]
    duty: Decimal


@tool(
    facts={
        "term": "text",
        "term_name": "text",
        "side": "text",
        "risk_passes": "text",
        "insurer": "text",
        "price": "money",
        "buyer_costs": "money",
        "seller_costs": "money",
        "buyer_tasks": "count",
        "seller_tasks": "count",
        "open_count": "count",
        "open_stage": "text",
        "customs_value": "money",
        "duty_rate": "percent",
        "duty": "money",
        "duty_payer": "text",
        "buyer_total": "money",
        "better_term": "text",
        "uninsured_by": "text",
    },
    parts={"tasks": "table", "to_do": "checklist", "terms": "series"},
)
def incoterm_check(context: ToolContext, args: IncotermArgs) -> Terms:
    """Say who pays which stage under an Incoterms 2020 rule, where the risk passes, and compute the import duty."""
    amounts: dict[StageKey, Decimal] = {}
    for cost in args.costs:
        if cost.stage in amounts:
            raise ToolNeedsMore(f"costs: {cost.stage} is given again; add its amounts up")
        amounts[cost.stage] = cost.amount
    tasks = [
        Task(stage=stage.key, label=stage.label, payer=_payer(stage, args.term), amount=amounts.get(stage.key))
        for stage in STAGES
    ]
    value = _customs_value(args, amounts)
    duty = cents(value * args.duty_rate / 100)
    currency = args.currency_in(context)
    return Terms(
        source="input",
        tasks=tasks,
        duty=duty,
        facts=[*_rule(args, tasks), *_amounts(args, tasks, value, duty, currency)],
        parts={
            "tasks": _table(tasks, duty, args, currency),
            "to_do": _to_do(tasks, args),
            "terms": _by_term(args, amounts, currency),
        },
    )


def _payer(stage: Stage, term: TermCode) -> Side:
    return "seller" if term in stage.sellers else "buyer"


def _customs_value(args: IncotermArgs, amounts: dict[StageKey, Decimal]) -> Decimal:
    """Give what duty is paid on: the price, with what it lacks and without what it has too much."""
    value = args.price
    for stage in STAGES:
        amount = amounts.get(stage.key, Decimal(0))
        counts = stage.before_border and (args.customs_basis == "cif" or not _is_transport(stage))
        sellers = _payer(stage, args.term) == "seller"
        if counts and not sellers:
            value += amount
        elif sellers and not counts:
            value -= amount
    if args.term == "DDP":
        # The price has the duty in it.
        value = value / (1 + args.duty_rate / 100)
    return max(cents(value), Decimal(0))


def _is_transport(stage: Stage) -> bool:
    return stage.key in ("main_carriage", "insurance")


def _sum(tasks: Sequence[Task], payer: Side) -> Decimal:
    return total(task.amount or Decimal(0) for task in tasks if task.payer == payer)


def _rule(args: IncotermArgs, tasks: list[Task]) -> list[Fact]:
    term = TERMS[args.term]
    open_tasks = [task for task in tasks if task.payer == args.side and task.amount is None]
    found = [
        facts.text("term", "Term", args.term),
        facts.text("term_name", "Its name", term.name),
        facts.text("side", "Seen by", args.side),
        facts.text("risk_passes", "The risk passes", term.risk_passes),
        facts.count("buyer_tasks", "Stages of the buyer", sum(task.payer == "buyer" for task in tasks)),
        facts.count("seller_tasks", "Stages of the seller", sum(task.payer == "seller" for task in tasks)),
        facts.count("open_count", "Own stages without an amount", len(open_tasks)),
    ]
    if open_tasks:
        found.append(facts.text("open_stage", "Such a stage", open_tasks[0].label.lower()))
    if args.term in _INSURANCE:
        found.append(facts.text("insurer", "Insurance is the duty of", _INSURANCE[args.term]))
    else:
        bearer = "seller" if args.term in _DELIVERED else "buyer"
        found.append(facts.text("uninsured_by", "Nobody must insure; the risk on the way is borne by", bearer))
    if term.only_sea and args.transport != "sea":
        found.append(facts.text("better_term", "Made for such transport", term.for_containers))
    return found


def _amounts(args: IncotermArgs, tasks: list[Task], value: Decimal, duty: Decimal, currency: str) -> list[Fact]:
    buyer_costs = _sum(tasks, "buyer")
    duty_payer = "seller" if args.term == "DDP" else "buyer"
    found = [
        facts.money("price", "Price under the term", args.price, currency),
        facts.money("buyer_costs", "Known costs of the buyer", buyer_costs, currency),
        facts.money("seller_costs", "Known costs of the seller", _sum(tasks, "seller"), currency),
        facts.money(
            "buyer_total",
            "What the goods cost the buyer",
            args.price + buyer_costs + (duty if duty_payer == "buyer" else Decimal(0)),
            currency,
        ),
    ]
    if args.duty_rate:
        found += [
            facts.money("customs_value", "Customs value", value, currency),
            facts.percent("duty_rate", "Rate of duty", args.duty_rate, digits=2),
            facts.money("duty", "Import duty", duty, currency),
            facts.text("duty_payer", "The duty is paid by", duty_payer),
        ]
    return found


def _table(tasks: list[Task], duty: Decimal, args: IncotermArgs, currency: str) -> Table:
    rows: list[dict[str, Cell]] = [{"label": task.label, "payer": task.payer, "amount": task.amount} for task in tasks]
    if args.duty_rate:
        rows.append({"label": "Import duty", "payer": "seller" if args.term == "DDP" else "buyer", "amount": duty})
    return Table(
        title=f"Who pays what under {args.term}",
        columns=columns(label="Stage", payer="Paid by", amount=("Amount", "money")),
        rows=rows,
        currency=currency,
    )


def _to_do(tasks: list[Task], args: IncotermArgs) -> Checklist:
    items = [
        Item(text=task.label, why="" if task.amount is not None else "No amount is known yet: ask for a quote")
        for task in tasks
        if task.payer == args.side
    ]
    return Checklist(title=f"To arrange as the {args.side}", items=items)


def _by_term(args: IncotermArgs, amounts: dict[StageKey, Decimal], currency: str) -> Series:
    """Draw which part of the known costs would be the buyer's under each term."""
    points = []
    for term in TERMS:
        buyers = total(amounts.get(stage.key, Decimal(0)) for stage in STAGES if _payer(stage, term) == "buyer")
        points.append(Point(x=term, y=float(buyers)))
    return Series(
        title=f"Costs beside the price that fall to the buyer, by term (here: {args.term})",
        form="bar",
        unit=currency,
        points=points,
    )
