"""Industry boards: where the company stands among its industry."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Column, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import industry
from bizosaas_app.gateway.contracts.industry import IndustryStandingView, ReadIndustry

Window = Literal["all", "month", "week", "day"]


class IndustryArgs(Args):
    """Which window of the comparison."""

    industry_window: Window = Field("month", description="The time that is compared")


class IndustryStanding(ToolResult):
    """The company among its industry."""


@tool(
    permission="view_leaderboards",
    facts={
        "industry_name": "text",
        "takes_part": "count",
        "has_standing": "count",
        "smallest_group": "count",
        "industry_rank": "count",
        "industry_size": "count",
        "points_per_member": "number",
        "industry_middle": "number",
        "industry_upper": "number",
        "gap_to_middle": "number",
    },
    parts={"industry": "table"},
)
async def industry_standing(context: ToolContext, args: IndustryArgs) -> IndustryStanding:
    """Compare the company with its industry; groups below the floor of companies show nothing."""
    view = await industry.read_industry(context.actor, ReadIndustry(window=args.industry_window))
    found = [
        facts.count("takes_part", "Whether the company takes part", int(view.shares)),
        facts.count("has_standing", "Whether there is a group to compare with", int(view.standing is not None)),
        facts.count("smallest_group", "Companies that a group needs", view.smallest_group),
    ]
    if view.industry:
        found.append(facts.text("industry_name", "Industry", view.industry))
    parts = {}
    if view.standing is not None:
        found += _standing_facts(view.standing)
        parts["industry"] = _standing_table(view.standing)
    return IndustryStanding(source="industry comparison", facts=found, parts=parts)


def _standing_facts(standing: IndustryStandingView) -> list[Fact]:
    gap = max(float(standing.middle) - float(standing.points_per_member), 0.0)
    return [
        facts.count("industry_rank", "Rank in the industry", standing.rank),
        facts.count("industry_size", "Companies in the group", standing.of),
        facts.number("points_per_member", "Points of an active member", standing.points_per_member),
        facts.number("industry_middle", "Middle of the industry", standing.middle),
        facts.number("industry_upper", "Upper quarter from", standing.upper_quarter),
        facts.number("gap_to_middle", "Short of the middle", gap),
    ]


def _standing_table(standing: IndustryStandingView) -> Table:
    rows: list[dict[str, Cell]] = [
        {"what": "This company", "points": float(standing.points_per_member)},
        {"what": "Lower quarter up to", "points": float(standing.lower_quarter)},
        {"what": "Middle", "points": float(standing.middle)},
        {"what": "Upper quarter from", "points": float(standing.upper_quarter)},
    ]
    columns = [
        Column(key="what", label="Points of an active member"),
        Column(key="points", label="Points", kind="number"),
    ]
    return Table(title="Within the industry", columns=columns, rows=rows)
