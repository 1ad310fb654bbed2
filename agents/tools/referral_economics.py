"""What a referral programme costs and brings, and which tier thresholds its referrers' own numbers suggest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import Field

from agents import facts, tier_replay
from agents.facts import Fact
from agents.parts import Cell, Column, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from bizosaas_app.gateway import referral_conversions, referral_programs
from bizosaas_app.gateway.contracts.referral_conversions import ConversionQuery, ConversionView
from bizosaas_app.gateway.contracts.referral_programs import ListPrograms, ProgramView

_YEAR: Final = timedelta(days=365)
_PAGES: Final = 10
"""Pages of 200 conversions that are read: the latest two thousand of a year."""
_RESAMPLED: Final = 1000
_POINTS: Final = "points"


class EconomicsArgs(Args):
    """Which programme; the default one if none is named."""

    program_id: UUID | None = Field(None, description="One programme; the default one without it")


class Economics(ToolResult):
    """The programme with what its tiers could become; `changes` is empty when they are well as they are."""

    program_id: UUID
    changes: dict[str, Any]


@tool(
    permission="manage_referrals",
    facts={
        "program_name": "text",
        "approved_year": "count",
        "referrer_count": "count",
        "reward_cost": "money",
        "reward_cost_points": "number",
        "revenue": "money",
        "cost_share": "percent",
        "cost_per_approval": "money",
        "median_approvals": "number",
        "above_first": "percent",
        "changed_tiers": "count",
        "draft_cost_change": "percent",
        "draft_cost_low": "number",
        "draft_cost_high": "number",
        "enough_referrers": "count",
    },
    parts={"tiers": "table", "referrers": "series"},
)
async def program_economics(context: ToolContext, args: EconomicsArgs) -> Economics:
    """Count a year of a programme's rewards and orders, and replay it under thresholds fitted to its referrers."""
    program = await _program(context, args.program_id)
    return await asyncio.to_thread(_economics, program, await _approved(context, program))


def _economics(program: ProgramView, approved: Sequence[ConversionView]) -> Economics:
    counts = Counter(item.user_id for item in approved)
    wanted = tier_replay.suggest(program.tiers, counts.values())
    current = [tier.threshold for tier in program.tiers]
    found = [
        facts.text("program_name", "Programme", program.name),
        facts.count("approved_year", "Approved within a year", len(approved)),
        facts.count("referrer_count", "Referrers with an approval", len(counts)),
        facts.count("enough_referrers", "Referrers needed for advice on tiers", tier_replay.ENOUGH_REFERRERS),
        *_costs(program, approved),
    ]
    changed = sum(one != other for one, other in zip(current, wanted, strict=True))
    found.append(facts.count("changed_tiers", "Thresholds that could move", changed))
    if counts:
        found += _spread(program, counts, wanted)
    tiers = [
        {**tier.model_dump(), "threshold": threshold} for tier, threshold in zip(program.tiers, wanted, strict=True)
    ]
    return Economics(
        source="referrals",
        program_id=program.id,
        changes={"tiers": tiers} if changed else {},
        facts=found,
        parts={"tiers": _tier_table(program, counts, wanted), "referrers": _histogram(counts)},
    )


async def _program(context: ToolContext, program_id: UUID | None) -> ProgramView:
    items = (await referral_programs.list_programs(context.actor, ListPrograms(limit=200))).items
    active = [item for item in items if item.status == "active"]
    if program_id is not None:
        active = [item for item in items if item.id == program_id]
    if not active:
        raise ToolNeedsMore("There is no such referral programme; create one first")
    return next((item for item in active if item.is_default), active[0])


async def _approved(context: ToolContext, program: ProgramView) -> list[ConversionView]:
    found: list[ConversionView] = []
    cursor = None
    for _ in range(_PAGES):
        query = {"status": "approved", "program_id": program.id, "from": context.now - _YEAR, "to": context.now}
        command = ConversionQuery.model_validate({**query, "limit": 200, "cursor": cursor})
        page = await referral_conversions.list_conversions(context.actor, command)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _costs(program: ProgramView, approved: Sequence[ConversionView]) -> list[Fact]:
    cost = sum((Decimal(item.reward.value.amount) for item in approved), Decimal(0))
    revenue = sum((Decimal(item.order_value.amount) for item in approved), Decimal(0))
    found = [facts.money("revenue", "Orders that were approved", revenue, program.currency)]
    if program.reward_kind == _POINTS:
        return [*found, facts.number("reward_cost_points", "Rewards in points", cost)]
    found.append(facts.money("reward_cost", "Rewards", cost, program.currency))
    if revenue:
        found.append(facts.percent("cost_share", "Rewards as a share of the orders", cost / revenue * 100))
    if approved:
        found.append(facts.money("cost_per_approval", "Reward of an approval", cost / len(approved), program.currency))
    return found


def _spread(program: ProgramView, counts: Mapping[UUID, int], wanted: Sequence[int]) -> list[Fact]:
    """Give how approvals spread over the referrers, and the cost of the draft thresholds against the present ones.

    The band is the 90 % percentile interval of a bootstrap over referrers (Efron 1979): other referrers might have
    come, with other numbers.
    """
    import numpy as np

    numbers = np.array(list(counts.values()))
    second = (
        program.tiers[1].threshold if len(program.tiers) > 1 else program.tiers[0].threshold if program.tiers else 1
    )
    found = [
        facts.number("median_approvals", "Approvals of a usual referrer (median)", float(np.median(numbers)), digits=1),
        facts.percent("above_first", "Referrers beyond the first tier", 100 * float(np.mean(numbers >= second))),
    ]
    current = [tier.threshold for tier in program.tiers]
    now = tier_replay.replay(program.tiers, current, counts)
    draft = tier_replay.replay(program.tiers, wanted, counts)
    total = sum(now.values(), Decimal(0))
    if total:
        change = (sum(draft.values(), Decimal(0)) / total - 1) * 100
        earned = np.array([float(draft[who]) for who in counts])
        drawn = np.random.default_rng(0).choice(earned, size=(_RESAMPLED, len(earned))).sum(axis=1)
        low, high = np.percentile(drawn, [5, 95])
        found += [
            facts.percent("draft_cost_change", "Cost under the draft thresholds, change", change),
            facts.number("draft_cost_low", "A year of rewards under the draft, at least", float(low)),
            facts.number("draft_cost_high", "A year of rewards under the draft, at most", float(high)),
        ]
    return found


def _tier_table(program: ProgramView, counts: Mapping[UUID, int], wanted: Sequence[int]) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "tier": tier.name,
            "threshold": tier.threshold,
            "reward": Decimal(tier.reward),
            "reached": sum(count >= tier.threshold for count in counts.values()),
            "draft": threshold,
            "draft_reached": sum(count >= threshold for count in counts.values()),
        }
        for tier, threshold in zip(program.tiers, wanted, strict=True)
    ]
    columns = [
        Column(key="tier", label="Tier"),
        Column(key="threshold", label="From approvals", kind="number"),
        Column(key="reward", label="Reward", kind="number" if program.reward_kind == _POINTS else "money"),
        Column(key="reached", label="Referrers there", kind="number"),
        Column(key="draft", label="Draft threshold", kind="number"),
        Column(key="draft_reached", label="Referrers with the draft", kind="number"),
    ]
    return Table(title="Tiers, and a draft", columns=columns, rows=rows, currency=program.currency)


def _histogram(counts: Mapping[UUID, int]) -> Series:
    spread = Counter(counts.values())
    points = [Point(x=str(number), y=spread[number]) for number in sorted(spread)]
    return Series(title="Referrers by their approvals", form="bar", unit="referrers", points=points)
