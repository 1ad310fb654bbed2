"""Frequency: how often a person should see an advertisement."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from agents import facts
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import MoneyArgs, Row, cents, columns
from agents.tools.audiences import People


class Exposure(Row):
    """People by how often they saw the advertisement, and how many of them converted."""

    times: int = Field(ge=1, le=100)
    people: People
    conversions: int = Field(ge=0, le=10**10)

    @model_validator(mode="after")
    def _conversions_at_most(self) -> Self:
        if self.conversions > self.people:
            raise ValueError("conversions cannot exceed people")
        return self


class CapArgs(MoneyArgs):
    """The distribution of the frequency, the price of impressions, and the worth of a conversion."""

    exposures: list[Exposure] = Field(min_length=2, max_length=100, description="People and conversions by frequency")
    cost_per_thousand: Annotated[
        Decimal, Field(gt=0, max_digits=14, decimal_places=4, description="Cost of a thousand impressions")
    ]
    conversion_value: Annotated[
        Decimal, Field(gt=0, max_digits=14, decimal_places=4, description="Margin that a conversion brings")
    ]


class Cap(ToolResult):
    """The frequency up to which showing it again pays."""

    cap: int


@tool(
    facts={
        "cap": "count",
        "mean_frequency": "number",
        "people_reached": "count",
        "people_above": "count",
        "people_above_share": "percent",
        "impressions_above": "count",
        "saving": "money",
        "saving_share": "percent",
        "rate_at_cap": "percent",
        "most_seen": "count",
    },
    parts={"exposures": "table", "exposure_chart": "series"},
)
def frequency_cap(context: ToolContext, args: CapArgs) -> Cap:
    """Find how often a person should see an advertisement before the next impression costs more than it brings."""
    rows = sorted(args.exposures, key=lambda row: row.times)
    if len({row.times for row in rows}) < len(rows):
        raise ToolNeedsMore("exposures: a frequency is given again")
    rates = _rates(rows)
    cost = args.cost_per_thousand / 1000
    net = [
        Decimal(repr(rate)) * args.conversion_value - row.times * cost for row, rate in zip(rows, rates, strict=True)
    ]
    place = max(range(len(rows)), key=lambda item: (net[item], -item))
    cap = rows[place].times
    people, above = sum(row.people for row in rows), sum(row.people for row in rows[place + 1 :])
    impressions = sum(row.people * row.times for row in rows)
    too_many = sum(row.people * (row.times - cap) for row in rows[place + 1 :])
    currency = args.currency_in(context)
    return Cap(
        source="input",
        cap=cap,
        facts=[
            facts.count("cap", "Show at most so often", cap),
            facts.number("mean_frequency", "Mean frequency", impressions / people, digits=1),
            facts.count("people_reached", "People reached", people),
            facts.count("people_above", "People who saw it more often", above),
            facts.percent("people_above_share", "Of all reached", 100 * above / people),
            facts.count("impressions_above", "Impressions beyond the cap", too_many),
            facts.money("saving", "They cost", too_many * cost, currency),
            facts.percent("saving_share", "Of all impressions", 100 * too_many / impressions),
            facts.percent("rate_at_cap", "Conversion rate at the cap", 100 * rates[place], digits=2),
            facts.count("most_seen", "Highest frequency seen", rows[-1].times),
        ],
        parts={
            "exposures": _exposure_table(rows, rates, net, currency),
            "exposure_chart": Series(
                title="Conversion rate by frequency",
                unit="%",
                points=[Point(x=str(r.times), y=round(100 * rate, 3)) for r, rate in zip(rows, rates, strict=True)],
            ),
        },
    )


def _rates(rows: Sequence[Exposure]) -> list[float]:
    """Give the conversion rate by frequency, smoothed so that it never falls (isotonic regression, by people).

    Seeing an advertisement again does not undo a conversion; a fall in the raw rates is chance or a weaker audience.
    """
    from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]

    model = IsotonicRegression(y_min=0, y_max=1)
    fitted = model.fit_transform(
        [row.times for row in rows],
        [row.conversions / row.people for row in rows],
        sample_weight=[row.people for row in rows],
    )
    return [float(rate) for rate in fitted]


def _exposure_table(rows: Sequence[Exposure], rates: Sequence[float], net: Sequence[Decimal], currency: str) -> Table:
    cells: list[dict[str, Cell]] = [
        {
            "times": row.times,
            "people": row.people,
            "conversions": row.conversions,
            "rate": round(100 * row.conversions / row.people, 2),
            "smooth": round(100 * rate, 2),
            "net": cents(worth),
        }
        for row, rate, worth in zip(rows, rates, net, strict=True)
    ]
    return Table(
        title="People by frequency, and what a person brings after the cost of the impressions",
        columns=columns(
            times=("Times seen", "number"),
            people=("People", "number"),
            conversions=("Conversions", "number"),
            rate=("Rate", "percent"),
            smooth=("Smoothed", "percent"),
            net=("Net by person", "money"),
        ),
        rows=cells,
        currency=currency,
    )
