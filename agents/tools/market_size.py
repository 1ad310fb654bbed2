"""Market size: TAM, SAM and SOM from below and from above, and which assumption moves the result most.

From below: customers x purchases of a year x price, then the share that can be reached, then the share to be won. From
above: a published market value, narrowed by shares. The tornado sets each assumption to its low and its high while the
others stay at their base (Clemen: Making Hard Decisions, ch. 5). All amounts are exact decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_CENT: Final = Decimal("0.01")

Positive = Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=4)]
Percent = Annotated[Decimal, Field(gt=0, le=100, max_digits=8, decimal_places=4)]


class Estimate(BaseModel):
    """An assumption with the range in which it may lie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Positive
    base: Positive
    high: Positive

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.base <= self.high:
            raise ValueError("low, base, high: must not fall")
        return self


class FromBelow(BaseModel):
    """The bottom-up assumptions; shares are in percent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customers: Estimate
    purchases_per_year: Estimate
    price: Estimate
    reachable_percent: Estimate
    win_percent: Estimate

    @model_validator(mode="after")
    def _shares(self) -> Self:
        for name in ("reachable_percent", "win_percent"):
            if getattr(self, name).high > 100:
                raise ValueError(f"{name}: is a share of a hundred")
        return self


class FromAbove(BaseModel):
    """The top-down assumptions: a published value, the share of the segment, of what can be reached, of what is won."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    market_value: Positive
    segment_percent: Percent
    reachable_percent: Percent
    win_percent: Percent


class MarketSizeArgs(Args):
    """Both ways of reckoning; the one from above may lack."""

    from_below: FromBelow
    from_above: FromAbove | None = None
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class MarketSize(ToolResult):
    """The market in money of a year."""

    tam: Decimal
    sam: Decimal
    som: Decimal


_NAMES: Final = {
    "customers": "number of customers",
    "purchases_per_year": "purchases of a year",
    "price": "price",
    "reachable_percent": "share that can be reached",
    "win_percent": "share to be won",
}


@tool(
    facts={
        "tam": "money",
        "sam": "money",
        "som": "money",
        "som_low": "money",
        "som_high": "money",
        "tam_above": "money",
        "som_above": "money",
        "agreement": "ratio",
        "higher_way": "text",
        "top_assumption": "text",
        "top_swing": "money",
        "top_low": "money",
        "top_high": "money",
        "least_assumption": "text",
        "least_swing": "money",
        "customers_won": "count",
    },
    parts={"market": "table", "tornado": "series", "assumptions": "table"},
)
def market_sizing(context: ToolContext, args: MarketSizeArgs) -> MarketSize:
    """Size a market from below and from above, and rank the assumptions by how far they move what can be won."""
    currency = args.currency or context.currency
    below = {name: getattr(args.from_below, name) for name in _NAMES}
    tam, sam, som = reckon({name: item.base for name, item in below.items()})
    above = _from_above(args.from_above) if args.from_above else None
    if som <= 0:
        raise ToolNeedsMore("from_below: the product is less than the smallest unit of money")
    swings = []
    for name, item in below.items():
        base = {other: value.base for other, value in below.items()}
        low, high = reckon(base | {name: item.low})[2], reckon(base | {name: item.high})[2]
        swings.append((name, low, high))
    swings.sort(key=lambda swing: (swing[1] - swing[2], swing[0]))
    made = _facts(below, (tam, sam, som), swings, currency)
    if above is not None:
        made += [
            facts.money("tam_above", "TAM from above", above[0], currency),
            facts.money("som_above", "SOM from above", above[2], currency),
            facts.ratio("agreement", "Larger over smaller SOM", max(som, above[2]) / min(som, above[2]), digits=1),
            facts.text("higher_way", "Higher", "from below" if som > above[2] else "from above"),
        ]
    return MarketSize(
        source="input",
        tam=tam.quantize(_CENT),
        sam=sam.quantize(_CENT),
        som=som.quantize(_CENT),
        facts=made,
        parts={
            "market": table(
                "The market of a year",
                _layers((tam, sam, som), above),
                currency=currency,
                layer="Layer",
                below=("From below", "money"),
                above=("From above", "money"),
            ),
            "tornado": Series(
                title="What can be won when one assumption changes",
                form="bar",
                unit=currency,
                points=[
                    Point(x=_NAMES[name], y=float(som), low=float(low), high=float(high)) for name, low, high in swings
                ],
            ),
            "assumptions": table(
                "Assumptions, the most moving before the rest",
                [_row(below[name], *swing) for swing in swings for name in (swing[0],)],
                currency=currency,
                name="Assumption",
                range="Low, base, high",
                low=("SOM at its low", "money"),
                high=("SOM at its high", "money"),
                swing=("Between them", "money"),
            ),
        },
    )


def reckon(values: dict[str, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Give TAM, SAM and SOM of a year from below."""
    tam = values["customers"] * values["purchases_per_year"] * values["price"]
    sam = tam * values["reachable_percent"] / 100
    return tam, sam, sam * values["win_percent"] / 100


def _from_above(given: FromAbove) -> tuple[Decimal, Decimal, Decimal]:
    tam = given.market_value * given.segment_percent / 100
    sam = tam * given.reachable_percent / 100
    som = sam * given.win_percent / 100
    if som < _CENT:
        raise ToolNeedsMore("from_above: the product is less than the smallest unit of money")
    return tam, sam, som


Swing = tuple[str, Decimal, Decimal]


def _facts(
    below: dict[str, Estimate], sizes: tuple[Decimal, Decimal, Decimal], swings: list[Swing], currency: str
) -> list[Fact]:
    tam, sam, som = sizes
    top, least = swings[0], swings[-1]
    lowest, highest = (reckon({name: getattr(i, end) for name, i in below.items()})[2] for end in ("low", "high"))
    won = below["customers"].base * below["reachable_percent"].base * below["win_percent"].base / 10_000
    return [
        facts.money("tam", "Total market (TAM)", tam, currency),
        facts.money("sam", "Within reach (SAM)", sam, currency),
        facts.money("som", "To be won (SOM)", som, currency),
        facts.money("som_low", "SOM with every assumption low", lowest, currency),
        facts.money("som_high", "SOM with every assumption high", highest, currency),
        facts.text("top_assumption", "Assumption that moves it most", _NAMES[top[0]]),
        facts.money("top_low", "SOM at its low", top[1], currency),
        facts.money("top_high", "SOM at its high", top[2], currency),
        facts.money("top_swing", "Between them", top[2] - top[1], currency),
        facts.text("least_assumption", "Assumption that moves it least", _NAMES[least[0]]),
        facts.money("least_swing", "Between its low and its high", least[2] - least[1], currency),
        facts.count("customers_won", "Customers to be won", round(won)),
    ]


def _layers(
    below: tuple[Decimal, Decimal, Decimal], above: tuple[Decimal, Decimal, Decimal] | None
) -> list[dict[str, Cell]]:
    names = ("Total market (TAM)", "Within reach (SAM)", "To be won (SOM)")
    return [
        {
            "layer": name,
            "below": below[place].quantize(_CENT),
            "above": above[place].quantize(_CENT) if above else None,
        }
        for place, name in enumerate(names)
    ]


def _row(item: Estimate, name: str, low: Decimal, high: Decimal) -> dict[str, Cell]:
    return {
        "name": _NAMES[name],
        "range": f"{item.low:f}, {item.base:f}, {item.high:f}",
        "low": low.quantize(_CENT),
        "high": high.quantize(_CENT),
        "swing": (high - low).quantize(_CENT),
    }
