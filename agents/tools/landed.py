"""Landed cost: what goods cost in one's own warehouse, with freight, insurance, duty and fees, down to the unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Percentage, Row, cents, columns, percent_of, split, total

_EXTRAS = {"freight": "Freight", "insurance": "Insurance", "duty": "Duty", "fees": "Fees"}


class Goods(Row):
    """Goods of a shipment at the supplier's price, in the supplier's currency."""

    sku: Name
    quantity: int = Field(ge=1, le=10_000_000)
    unit_price: Amount
    weight_kg: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)] = Decimal(0)
    """Of all its units."""
    duty_rate: Percentage = Decimal(0)


class LandedArgs(MoneyArgs):
    """A shipment; costs other than the prices are in one's own currency."""

    goods: list[Goods] = Field(min_length=1, max_length=500, description="Goods of the shipment")
    exchange_rate: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=8)] = Field(
        Decimal(1), description="Own currency for a unit of the supplier's currency"
    )
    freight: Amount = Field(Decimal(0), description="Freight up to the border")
    insurance: Amount = Field(Decimal(0), description="Insurance of the transport")
    fees: Amount = Field(Decimal(0), description="Clearance, terminal and delivery after the border")
    freight_by: Literal["value", "weight"] = Field("value", description="How freight is shared among the goods")
    customs_basis: Literal["cif", "fob"] = Field(
        "cif", description="Whether duty is on the value with freight and insurance (EU) or without (US)"
    )
    import_tax_rate: Percentage = Field(Decimal(0), description="Import VAT in percent, if it is to be shown")


class LandedItem(Row):
    """A line of the shipment with its shares; value + freight + insurance + duty + fees = landed."""

    sku: str
    quantity: int
    value: Decimal
    freight: Decimal
    insurance: Decimal
    duty: Decimal
    fees: Decimal

    @property
    def landed(self) -> Decimal:
        """What it costs in all."""
        return self.value + self.freight + self.insurance + self.duty + self.fees

    @property
    def uplift(self) -> Decimal | None:
        """What comes on top of the value, in percent."""
        return percent_of(self.landed - self.value, self.value)


class Landed(ToolResult):
    """The lines, in the order of the shipment."""

    items: list[LandedItem]
    landed_total: Decimal


@tool(
    facts={
        "item_count": "count",
        "unit_count": "count",
        "goods_total": "money",
        "freight_total": "money",
        "insurance_total": "money",
        "duty_total": "money",
        "fees_total": "money",
        "landed_total": "money",
        "uplift": "percent",
        "import_tax": "money",
        "largest_extra": "text",
        "largest_extra_total": "money",
        "dearest_item": "text",
        "dearest_uplift": "percent",
        "dearest_unit_price": "money",
        "dearest_unit_cost": "money",
    },
    parts={"items": "table", "components": "series"},
)
def landed_cost(context: ToolContext, args: LandedArgs) -> Landed:
    """Spread freight, insurance, duty and fees over the goods of a shipment and give the landed cost of a unit."""
    items = _items(args)
    sums = {key: total(getattr(item, key) for item in items) for key in ("value", *_EXTRAS)}
    landed = total(sums.values())
    currency = args.currency_in(context)
    found = [
        facts.count("item_count", "Lines", len(items)),
        facts.count("unit_count", "Units", sum(item.quantity for item in items)),
        facts.money("goods_total", "Goods", sums["value"], currency),
        *(facts.money(f"{key}_total", label, sums[key], currency) for key, label in _EXTRAS.items()),
        facts.money("landed_total", "Landed cost", landed, currency),
        *_uplifts(items, sums, currency),
    ]
    if args.import_tax_rate:
        tax = cents(landed * args.import_tax_rate / 100)
        found.append(facts.money("import_tax", "Import tax to pay at the border", tax, currency))
    labels = {"value": "Goods", **_EXTRAS}
    return Landed(
        source="input",
        items=items,
        landed_total=landed,
        facts=found,
        parts={
            "items": _table(items, currency),
            "components": Series(
                title="What the landed cost is made of",
                form="bar",
                unit=currency,
                points=[Point(x=labels[key], y=float(amount)) for key, amount in sums.items()],
            ),
        },
    )


def _items(args: LandedArgs) -> list[LandedItem]:
    values = [cents(item.quantity * item.unit_price * args.exchange_rate) for item in args.goods]
    weights = [item.weight_kg for item in args.goods]
    if args.freight_by == "weight" and not all(weights):
        raise ToolNeedsMore("goods.weight_kg: every line needs a weight when freight is shared by weight")
    freight = split(args.freight, weights if args.freight_by == "weight" else values)
    insurance, fees = split(args.insurance, values), split(args.fees, values)
    return [
        LandedItem(
            sku=goods.sku,
            quantity=goods.quantity,
            value=value,
            freight=carried,
            insurance=insured,
            duty=cents(_customs_value(value, carried + insured, args) * goods.duty_rate / 100),
            fees=fee,
        )
        for goods, value, carried, insured, fee in zip(args.goods, values, freight, insurance, fees, strict=True)
    ]


def _customs_value(value: Decimal, transport: Decimal, args: LandedArgs) -> Decimal:
    return value + transport if args.customs_basis == "cif" else value


def _uplifts(items: Sequence[LandedItem], sums: Mapping[str, Decimal], currency: str) -> list[Fact]:
    found = []
    extras = {key: sums[key] for key in _EXTRAS}
    overall = percent_of(total(extras.values()), sums["value"])
    if overall is not None:
        found.append(facts.percent("uplift", "On top of the price", overall))
    largest = max(extras, key=lambda key: extras[key])
    if extras[largest]:
        found.append(facts.text("largest_extra", "Largest cost on top", _EXTRAS[largest].lower()))
        found.append(facts.money("largest_extra_total", "Amount of it", extras[largest], currency))
    priced = [(item.uplift, item) for item in items if item.uplift is not None]
    if priced:
        uplift, dearest = max(priced, key=lambda pair: (pair[0], pair[1].sku))
        found += [
            facts.text("dearest_item", "Item with the largest share of extra cost", dearest.sku),
            facts.percent("dearest_uplift", "On top of its price", uplift),
            facts.money("dearest_unit_price", "Its price", dearest.value / dearest.quantity, currency),
            facts.money("dearest_unit_cost", "Its landed cost", dearest.landed / dearest.quantity, currency),
        ]
    return found


def _table(items: Sequence[LandedItem], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "sku": item.sku,
            "quantity": item.quantity,
            **{key: getattr(item, key) for key in ("value", *_EXTRAS)},
            "landed": item.landed,
            "unit": cents(item.landed / item.quantity),
            "uplift": None if item.uplift is None else round(float(item.uplift), 1),
        }
        for item in items[:200]
    ]
    return Table(
        title="Landed cost by item",
        columns=columns(
            sku="Item",
            quantity=("Units", "number"),
            value=("Goods", "money"),
            freight=("Freight", "money"),
            insurance=("Insurance", "money"),
            duty=("Duty", "money"),
            fees=("Fees", "money"),
            landed=("Landed", "money"),
            unit=("Per unit", "money"),
            uplift=("On top", "percent"),
        ),
        rows=rows,
        currency=currency,
    )
