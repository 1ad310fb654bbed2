"""Quotes: what each offer costs in the end, in one currency, for the quantity that is needed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Annotated

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Percentage, Row, cents, columns, percent_of

ExchangeRate = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=8)]


class Quote(Row):
    """A supplier's offer; its amounts are in its currency."""

    supplier: Name
    currency: str = Field(pattern="^[A-Z]{3}$")
    unit_price: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
    minimum_quantity: int = Field(1, ge=1, le=100_000_000)
    freight: Amount = Decimal(0)
    tooling: Amount = Decimal(0)
    """Paid at the start of the business, such as moulds and samples."""
    duty_rate: Percentage = Decimal(0)
    defect_rate: Annotated[Decimal, Field(ge=0, lt=100, max_digits=7, decimal_places=4)] = Decimal(0)
    """Percent of the units that cannot be used."""
    lead_days: int = Field(0, ge=0, le=730)
    payment_days: int = Field(0, ge=0, le=365)
    """After delivery."""


class QuoteArgs(MoneyArgs):
    """The need and the offers."""

    quantity: int = Field(ge=1, le=100_000_000, description="Good units that are needed")
    quotes: list[Quote] = Field(min_length=1, max_length=50, description="The offers")
    rates: dict[str, ExchangeRate] = Field(
        default_factory=dict, max_length=50, description="Own currency for a unit of each other currency"
    )
    capital_rate: Percentage = Field(Decimal(0), description="What money costs, percent a year: values payment terms")
    needed_in_days: int | None = Field(None, ge=0, le=730, description="Offers that take longer are too late")


class Costed(Row):
    """An offer's cost in one's own currency; its parts add up to the cost."""

    supplier: str
    bought: int
    surplus: int
    goods: Decimal
    freight: Decimal
    duty: Decimal
    tooling: Decimal
    terms: Decimal
    """Worth of the payment terms; taken off."""
    unit_price: Decimal
    per_unit: Decimal
    """Cost of a unit that is needed."""
    lead_days: int
    in_time: bool

    @property
    def cost(self) -> Decimal:
        """The whole cost."""
        return self.goods + self.freight + self.duty + self.tooling - self.terms


class Compared(ToolResult):
    """The offers in time, the cheapest before the others, and then those too late."""

    offers: list[Costed]


@tool(
    facts={
        "quote_count": "count",
        "quantity": "count",
        "best_supplier": "text",
        "best_cost": "money",
        "best_per_unit": "money",
        "best_lead_days": "days",
        "runner_up": "text",
        "runner_up_cost": "money",
        "saving": "money",
        "saving_share": "percent",
        "lowest_price_supplier": "text",
        "lowest_price": "money",
        "lowest_price_cost": "money",
        "too_late_count": "count",
        "late_supplier": "text",
        "late_saving": "money",
        "surplus_units": "count",
        "surplus_value": "money",
        "fastest_supplier": "text",
        "fastest_days": "days",
    },
    parts={"offers": "table", "chart": "series"},
)
def compare_quotes(context: ToolContext, args: QuoteArgs) -> Compared:
    """Compare offers by total cost for the needed quantity: currency, minimum order, freight, duty, defects, terms."""
    currency = args.currency_in(context)
    rates = {**args.rates, currency: Decimal(1)}
    if lacking := [quote.currency for quote in args.quotes if quote.currency not in rates]:
        raise ToolNeedsMore(f"rates: there is no rate for {lacking[0]}")
    offers = [_costed(quote, rates[quote.currency], args) for quote in args.quotes]
    offers.sort(key=lambda offer: (not offer.in_time, offer.cost, offer.supplier))
    return Compared(
        source="input",
        offers=offers,
        facts=[
            facts.count("quote_count", "Offers", len(offers)),
            facts.count("quantity", "Units needed", args.quantity),
            facts.count("too_late_count", "Offers that are too late", sum(not offer.in_time for offer in offers)),
            *_choice(offers, currency),
            *_traps(offers, currency),
        ],
        parts={
            "offers": _table(offers, currency),
            "chart": Series(
                title="Total cost by offer",
                form="bar",
                unit=currency,
                points=[Point(x=offer.supplier, y=float(offer.cost)) for offer in offers],
            ),
        },
    )


def _costed(quote: Quote, rate: Decimal, args: QuoteArgs) -> Costed:
    # So many must arrive that the needed number is left after the faulty ones are gone.
    enough = (args.quantity * 100 / (100 - quote.defect_rate)).to_integral_value(rounding=ROUND_CEILING)
    bought = max(int(enough), quote.minimum_quantity)
    good = int(bought * (100 - quote.defect_rate) / 100)
    goods, freight = cents(bought * quote.unit_price * rate), cents(quote.freight * rate)
    duty = cents((goods + freight) * quote.duty_rate / 100)
    terms = cents(goods * args.capital_rate / 100 * quote.payment_days / 365)
    tooling = cents(quote.tooling * rate)
    return Costed(
        supplier=quote.supplier,
        bought=bought,
        surplus=good - args.quantity,
        goods=goods,
        freight=freight,
        duty=duty,
        tooling=tooling,
        terms=terms,
        unit_price=quote.unit_price * rate,
        per_unit=(goods + freight + duty + tooling - terms) / args.quantity,
        lead_days=quote.lead_days,
        in_time=args.needed_in_days is None or quote.lead_days <= args.needed_in_days,
    )


def _choice(offers: list[Costed], currency: str) -> list[Fact]:
    """Give the best offer in time, the next, and an offer that would be cheaper if there were more time."""
    in_time = [offer for offer in offers if offer.in_time]
    if not in_time:
        return []
    best = in_time[0]
    fastest = min(in_time, key=lambda offer: (offer.lead_days, offer.cost))
    found = [
        facts.text("best_supplier", "Cheapest in the end", best.supplier),
        facts.money("best_cost", "Its total cost", best.cost, currency),
        facts.money("best_per_unit", "For each unit that is needed", best.per_unit, currency),
        facts.count("surplus_units", "Units bought beyond the need", best.surplus),
    ]
    if best.lead_days:
        found.append(facts.span("best_lead_days", "Its lead time", best.lead_days, "days"))
    if best.surplus:
        found.append(facts.money("surplus_value", "Their price", cents(best.surplus * best.unit_price), currency))
    if fastest.lead_days < best.lead_days:
        found.append(facts.text("fastest_supplier", "Fastest offer", fastest.supplier))
        found.append(facts.span("fastest_days", "Lead time of the fastest", fastest.lead_days, "days"))
    if len(in_time) > 1:
        saving = in_time[1].cost - best.cost
        found.append(facts.text("runner_up", "Next to it", in_time[1].supplier))
        found.append(facts.money("runner_up_cost", "Total cost of the next", in_time[1].cost, currency))
        found.append(facts.money("saving", "Between them", saving, currency))
        share = percent_of(saving, in_time[1].cost)
        found += [] if share is None else [facts.percent("saving_share", "Saved against the next", share)]
    return found


def _traps(offers: list[Costed], currency: str) -> list[Fact]:
    in_time = [offer for offer in offers if offer.in_time]
    late = [offer for offer in offers if not offer.in_time]
    found = []
    if in_time:
        lowest = min(in_time, key=lambda offer: (offer.unit_price, offer.cost))
        if lowest.supplier != in_time[0].supplier:
            found += [
                facts.text("lowest_price_supplier", "Lowest price on paper", lowest.supplier),
                facts.money("lowest_price", "Its unit price", lowest.unit_price, currency),
                facts.money("lowest_price_cost", "What it costs in the end", lowest.cost, currency),
            ]
        if late and late[0].cost < in_time[0].cost:
            found.append(facts.text("late_supplier", "Cheaper, but too late", late[0].supplier))
            found.append(facts.money("late_saving", "Cheaper by", in_time[0].cost - late[0].cost, currency))
    return found


_PARTS: Mapping[str, str] = {
    "goods": "Goods",
    "freight": "Freight",
    "duty": "Duty",
    "tooling": "Tooling",
    "terms": "Worth of terms",
    "cost": "Total cost",
}


def _table(offers: list[Costed], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "supplier": offer.supplier,
            "bought": offer.bought,
            **{key: getattr(offer, key) for key in _PARTS},
            "per_unit": cents(offer.per_unit),
            "lead": offer.lead_days,
            "in_time": "yes" if offer.in_time else "no",
        }
        for offer in offers
    ]
    amounts = columns(**{key: (label, "money") for key, label in _PARTS.items()})
    return Table(
        title="Offers by total cost",
        columns=[
            *columns(supplier="Supplier", bought=("Units to buy", "number")),
            *amounts,
            *columns(per_unit=("Per unit", "money"), lead=("Lead time in days", "number"), in_time="In time"),
        ],
        rows=rows,
        currency=currency,
    )
