"""Audiences: how far they overlap, so that campaigns bid against each other, and how often a person should see an
advertisement.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, cents, columns, total

People = Annotated[int, Field(ge=1, le=10**10)]


class Audience(Row):
    """An audience and what is spent on it in the period."""

    name: Name
    size: People
    spend: Amount = Decimal(0)


class Shared(Row):
    """How many people are in both audiences."""

    audience: Name
    other: Name
    people: int = Field(ge=0, le=10**10)


class OverlapArgs(MoneyArgs):
    """Audiences and what they share, as the advertising platform reports it."""

    audiences: list[Audience] = Field(min_length=2, max_length=50, description="Audiences with size and spend")
    shared: list[Shared] = Field(min_length=1, max_length=1225, description="People in both of a pair of audiences")
    overlap_limit: float = Field(20, gt=0, le=100, description="Percent of the smaller audience that is too much")


class Overlap(Row):
    """A pair; the share is of the smaller audience, in percent."""

    smaller: str
    larger: str
    people: int
    share: float
    spend_at_risk: Decimal
    """The smaller audience's spend on people who are reached through the larger as well."""


class Overlaps(ToolResult):
    """The pairs, the largest share before the others."""

    overlaps: list[Overlap]


@tool(
    facts={
        "audience_count": "count",
        "pair_count": "count",
        "high_count": "count",
        "overlap_limit": "percent",
        "size_total": "count",
        "reach_at_least": "count",
        "counted_again": "percent",
        "overlap_small": "text",
        "overlap_large": "text",
        "overlap_people": "count",
        "overlap_share": "percent",
        "overlap_spend": "money",
        "group": "text",
        "group_size": "count",
    },
    parts={"overlaps": "table", "overlap_chart": "series"},
)
def audience_overlap(context: ToolContext, args: OverlapArgs) -> Overlaps:
    """Measure how far audiences overlap, which of them compete, and how many people are reached at least."""
    by_name = {item.name: item for item in args.audiences}
    if len(by_name) < len(args.audiences):
        raise ToolNeedsMore("audiences: a name is given again")
    if len({frozenset((item.audience, item.other)) for item in args.shared}) < len(args.shared):
        raise ToolNeedsMore("shared: a pair is given again")
    overlaps = sorted((_overlap(item, by_name) for item in args.shared), key=lambda o: (-o.share, o.smaller, o.larger))
    high = [item for item in overlaps if item.share >= args.overlap_limit]
    sizes, shared = sum(item.size for item in args.audiences), sum(item.people for item in args.shared)
    # Bonferroni: the union is at least the sum less all the pairs, and at least the largest audience.
    reach = max(sizes - shared, *(item.size for item in args.audiences))
    currency = args.currency_in(context)
    top = overlaps[0]
    return Overlaps(
        source="input",
        overlaps=overlaps,
        facts=[
            facts.count("audience_count", "Audiences", len(args.audiences)),
            facts.count("pair_count", "Pairs looked at", len(overlaps)),
            facts.count("high_count", "Pairs that overlap too much", len(high)),
            facts.percent("overlap_limit", "Too much from", args.overlap_limit),
            facts.count("size_total", "People, added up", sizes),
            facts.count("reach_at_least", "Different people, at least", reach),
            facts.percent(
                "counted_again", "Counted more often than they should, at most", 100 * (sizes - reach) / sizes
            ),
            facts.text("overlap_small", "Most overlapped audience", top.smaller),
            facts.text("overlap_large", "Overlapped by", top.larger),
            facts.count("overlap_people", "People in both", top.people),
            facts.percent("overlap_share", "Of the smaller audience", top.share),
            facts.money("overlap_spend", "Spent where audiences compete", _at_risk(high), currency),
            *_group(high),
        ],
        parts={
            "overlaps": _overlap_table(overlaps, currency),
            "overlap_chart": Series(
                title="Share of the smaller audience that is in the larger",
                form="bar",
                unit="%",
                points=[Point(x=f"{o.smaller} in {o.larger}", y=round(o.share, 1)) for o in overlaps[:40]],
            ),
        },
    )


def _overlap(item: Shared, by_name: dict[str, Audience]) -> Overlap:
    for name in (item.audience, item.other):
        if name not in by_name:
            raise ToolNeedsMore(f"shared: there is no audience {name}")
    if item.audience == item.other:
        raise ToolNeedsMore(f"shared: {item.audience} is compared with itself")
    pair = (by_name[item.audience], by_name[item.other])
    smaller, larger = sorted(pair, key=lambda audience: (audience.size, audience.name))
    if item.people > smaller.size:
        raise ToolNeedsMore(f"shared: {item.audience} and {item.other} cannot share more people than the smaller has")
    return Overlap(
        smaller=smaller.name,
        larger=larger.name,
        people=item.people,
        share=100 * item.people / smaller.size,
        spend_at_risk=cents(smaller.spend * item.people / smaller.size),
    )


def _at_risk(high: Sequence[Overlap]) -> Decimal:
    """Give the spend at risk; an audience that overlaps with several counts with its largest part."""
    most: dict[str, Decimal] = {}
    for item in high:
        most[item.smaller] = max(most.get(item.smaller, Decimal(0)), item.spend_at_risk)
    return total(most.values())


def _group(high: Sequence[Overlap]) -> list[Fact]:
    """Give the largest set of audiences that hang together by overlaps: it could be merged."""
    import networkx as nx  # type: ignore[import-untyped]

    graph = nx.Graph((item.smaller, item.larger) for item in high)
    groups = [sorted(group) for group in nx.connected_components(graph)]
    if not groups:
        return []
    largest = min(groups, key=lambda group: (-len(group), group))
    return [
        facts.text("group", "Audiences that hang together", ", ".join(largest)),
        facts.count("group_size", "Audiences in that group", len(largest)),
    ]


def _overlap_table(overlaps: Sequence[Overlap], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "smaller": item.smaller,
            "larger": item.larger,
            "people": item.people,
            "share": round(item.share, 1),
            "spend": item.spend_at_risk,
        }
        for item in overlaps[:200]
    ]
    return Table(
        title="Overlaps, the largest before the others",
        columns=columns(
            smaller="Smaller audience",
            larger="Larger audience",
            people=("People in both", "number"),
            share=("Of the smaller", "percent"),
            spend=("Spend at risk", "money"),
        ),
        rows=rows,
        currency=currency,
    )


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
