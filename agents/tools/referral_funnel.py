"""The referral funnel: how far referrals come, where they are lost, and how sure the rate is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Column, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import referral_codes
from bizosaas_app.gateway.contracts.referrals import FunnelQuery, FunnelView

_STEPS: Final = (
    ("clicks", "Clicks"),
    ("sign_ups", "Sign-ups"),
    ("conversions", "Conversions"),
    ("approved", "Approved"),
    ("rewarded", "Rewarded"),
)
_LOSSES: Final = (
    ("clicks", "sign_ups", "from click to sign-up"),
    ("conversions", "approved", "from conversion to approval"),
    ("approved", "rewarded", "from approval to reward"),
)
"""Where referrals are lost; a sign-up is no condition of a conversion, so none is counted between those two."""


class FunnelArgs(Args):
    """Which days, and which programme."""

    program_id: UUID | None = Field(None, description="One programme; all of them without it")
    days: int = Field(90, ge=7, le=366, description="How many days back")


class Funnel(ToolResult):
    """The funnel of the days, beside the same number of days before."""


@tool(
    permission="view_referrals",
    facts={
        "funnel_days": "days",
        "clicks": "count",
        "sign_ups": "count",
        "conversions": "count",
        "approved": "count",
        "rewarded": "count",
        "conversion_rate": "percent",
        "conversion_rate_low": "percent",
        "conversion_rate_high": "percent",
        "approval_rate": "percent",
        "approved_change": "percent",
        "widest_loss": "text",
        "widest_loss_rate": "percent",
    },
    parts={"funnel": "table", "funnel_chart": "series"},
)
async def referral_funnel(context: ToolContext, args: FunnelArgs) -> Funnel:
    """Count the referral funnel of the last days, its rates with their 95 % interval, and where most is lost."""
    start = context.now - timedelta(days=args.days)
    now = await _read(context, args, start, context.now)
    before = await _read(context, args, start - timedelta(days=args.days), start)
    return await asyncio.to_thread(_funnel, args.days, now, before)


def _funnel(days: int, now: FunnelView, before: FunnelView) -> Funnel:
    found = [facts.span("funnel_days", "Days looked at", days, "days")]
    found += [facts.count(key, label, getattr(now, key)) for key, label in _STEPS]
    found += [*_rates(now), *_loss(now)]
    if before.approved:
        change = Decimal(now.approved - before.approved) / before.approved * 100
        found.append(facts.percent("approved_change", "Approved, change on the days before", change))
    rows: list[dict[str, Cell]] = [
        {"step": label, "now": getattr(now, key), "before": getattr(before, key)} for key, label in _STEPS
    ]
    columns = [
        Column(key="step", label="Step"),
        Column(key="now", label="These days", kind="number"),
        Column(key="before", label="The days before", kind="number"),
    ]
    points = [Point(x=label, y=getattr(now, key)) for key, label in _STEPS]
    return Funnel(
        source="referrals",
        facts=found,
        parts={
            "funnel": Table(title="The referral funnel", columns=columns, rows=rows),
            "funnel_chart": Series(title="The referral funnel", form="bar", unit="referrals", points=points),
        },
    )


async def _read(context: ToolContext, args: FunnelArgs, begin: object, end: object) -> FunnelView:
    query = FunnelQuery.model_validate({"from": begin, "to": end, "program_id": args.program_id})
    return await referral_codes.read_funnel(context.actor, query)


def _rates(now: FunnelView) -> list[Fact]:
    """Give the rates; the interval is Wilson's score interval (1927), which holds for few clicks as well."""
    from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

    found: list[Fact] = []
    if now.clicks:
        counted = min(now.conversions, now.clicks)
        low, high = proportion_confint(counted, now.clicks, alpha=0.05, method="wilson")
        found += [
            facts.percent("conversion_rate", "Conversions of a hundred clicks", 100 * now.conversions / now.clicks),
            facts.percent("conversion_rate_low", "Conversion rate, at least", 100 * float(low)),
            facts.percent("conversion_rate_high", "Conversion rate, at most", 100 * float(high)),
        ]
    if now.conversions:
        found.append(
            facts.percent("approval_rate", "Approved of a hundred conversions", 100 * now.approved / now.conversions)
        )
    return found


def _loss(now: FunnelView) -> list[Fact]:
    kept = [
        (getattr(now, after) / getattr(now, start), words) for start, after, words in _LOSSES if getattr(now, start)
    ]
    if not kept:
        return []
    share, words = min(kept)
    return [
        facts.text("widest_loss", "Where most is lost", words),
        facts.percent("widest_loss_rate", "Lost there", 100 * max(0.0, 1 - share)),
    ]
