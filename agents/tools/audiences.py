"""Audiences: how far they overlap, so that campaigns bid against each other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, cents, columns, total

People = Annotated[int, Field(ge=1, le=10**10)]
"""How many people; none would be no audience."""


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
