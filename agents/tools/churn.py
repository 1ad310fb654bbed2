"""Churn: members whose silence is unusual for them, and members who are fading."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp
from typing import Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import insights
from bizosaas_app.gateway.contracts.insights import MembersView, MemberView, ReadMembers

Status = Literal["active", "fading", "at risk", "gone", "too new"]

_UNUSUAL: Final = 0.95
"""A silence that chance alone would bring in a twentieth of the cases is unusual."""
_SILENT_DAYS: Final = 7
"""Shorter silences are nobody's churn."""
_GONE_DAYS: Final = 45
_LEAST_DAYS: Final = 3
"""Active days from which a member's own rhythm can be told."""


class ChurnArgs(Args):
    """How far back activity is looked at."""

    days: int = Field(90, ge=28, le=366, description="Days of activity, today included")


class MemberChurn(ToolResult):
    """The members at risk under the names by which they may be shown, the surest at the front."""

    at_risk: list[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """A member's silence against their own rhythm: `risk` is from 0 to 1."""

    row: MemberView
    silent_days: int
    risk: float
    status: Status


@tool(
    facts={
        "members": "count",
        "active_count": "count",
        "fading_count": "count",
        "at_risk_count": "count",
        "gone_count": "count",
        "at_risk_share": "percent",
        "at_risk_value_share": "percent",
        "top_member": "text",
        "top_silent": "days",
        "top_rhythm": "days",
        "top_events": "count",
        "fading_member": "text",
        "span": "days",
    },
    parts={"members": "table", "chart": "series"},
    permission="view_analytics",
)
async def member_churn(context: ToolContext, args: ChurnArgs) -> MemberChurn:
    """Tell which members of the company are about to be lost, from their activity in the ledger.

    A member's risk is the chance that a silence so long is no accident, given their own rate of active days (an
    exponential gap, as in Schmittlein, Morrison and Colombo, 1987). For who may see the company's figures; members
    who are not public appear under a pseudonym.
    """
    view = await insights.read_members(context.actor, ReadMembers(days=args.days))
    return await asyncio.to_thread(_churn, view, args.days)


def _churn(view: MembersView, days: int) -> MemberChurn:
    readings = sorted((_read(view, row) for row in view.rows), key=lambda item: (-item.risk, -item.row.events))
    risky = [item for item in readings if item.status == "at risk"]
    order: tuple[Status, ...] = ("active", "fading", "at risk", "gone", "too new")
    return MemberChurn(
        source="ledger",
        at_risk=[item.row.name for item in risky],
        facts=[*_counts(readings, days), *_examples(readings)],
        parts={
            "members": table(
                "Members, the highest risk at the top",
                [
                    {
                        "name": item.row.name,
                        "status": item.status,
                        "risk": round(100 * item.risk),
                        "silent": item.silent_days,
                        "rhythm": round(_rhythm(item.row), 1),
                        "events": item.row.events,
                        "last_day": item.row.last_day.isoformat(),
                    }
                    for item in readings
                ],
                name="Member",
                status="State",
                risk=("Risk", "percent"),
                silent=("Days silent", "number"),
                rhythm=("Usual gap in days", "number"),
                events=("Events", "number"),
                last_day=("Last active", "date"),
            ),
            "chart": bars(
                "Members by state",
                [(name, sum(item.status == name for item in readings)) for name in order],
                "members",
            ),
        },
    )


def _rhythm(row: MemberView) -> float:
    """Give the usual days between a member's active days while they were active."""
    return ((row.last_day - row.first_day).days + 1) / max(row.active_days, 1)


def _read(view: MembersView, row: MemberView) -> Reading:
    silent = (view.last - row.last_day).days
    risk = 1 - exp(-silent / _rhythm(row))
    return Reading(row, silent, risk, _status(view.first, view.last, row, silent, risk))


def _status(first: date, last: date, row: MemberView, silent: int, risk: float) -> Status:
    if silent >= _GONE_DAYS:
        return "gone"
    if row.active_days < _LEAST_DAYS:
        return "too new"
    if silent >= _SILENT_DAYS and risk >= _UNUSUAL:
        return "at risk"
    was_there = (row.first_day - first).days <= (last - first).days / 4
    early = row.events - row.late_events
    # Poisson counts: a fall by more than two standard deviations of the difference is no accident.
    if was_there and early - row.late_events > 2 * (row.events**0.5):
        return "fading"
    return "active"


def _counts(readings: Sequence[Reading], days: int) -> list[Fact]:
    def number(status: Status) -> int:
        return sum(item.status == status for item in readings)

    found = [
        facts.span("span", "Days looked at", days, "days"),
        facts.count("members", "Members with activity", len(readings)),
        facts.count("active_count", "Active", number("active") + number("too new")),
        facts.count("fading_count", "Fading", number("fading")),
        facts.count("at_risk_count", "At risk", number("at risk")),
        facts.count("gone_count", "Gone", number("gone")),
    ]
    if readings:
        share = 100 * number("at risk") / len(readings)
        found.append(facts.percent("at_risk_share", "At risk of all of them", share))
    value = sum(item.row.value for item in readings)
    if value > 0:
        lost = sum(item.row.value for item in readings if item.status == "at risk")
        found.append(facts.percent("at_risk_value_share", "Their share of the value of the period", 100 * lost / value))
    return found


def _examples(readings: Sequence[Reading]) -> list[Fact]:
    found: list[Fact] = []
    risky = [item for item in readings if item.status == "at risk"]
    if risky:
        top = max(risky, key=lambda item: (item.row.events, item.row.name))
        found += [
            facts.text("top_member", "Most active of those at risk", top.row.name),
            facts.span("top_silent", "Silent for", top.silent_days, "days"),
            facts.span("top_rhythm", "Usual gap", _rhythm(top.row), "days", digits=1),
            facts.count("top_events", "Events before the silence", top.row.events),
        ]
    fading = [item for item in readings if item.status == "fading"]
    if fading:
        found.append(facts.text("fading_member", "Fading most", max(fading, key=lambda item: item.row.events).row.name))
    return found
