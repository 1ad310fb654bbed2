"""The figures above the queue: what waits, what was decided, and how right the engine was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bizosaas_app.gateway import analytics
from bizosaas_app.gateway.contracts.analytics import AnalyticsView, ReadAnalytics
from bizosaas_app.gateway.contracts.review_desk import FiguresView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from state import words
from state.rows import StatRow

_WEEK: Final = 7
_QUARTER: Final = 90


async def read_engine(actor: Actor, timezone: str) -> list[StatRow]:
    """Give the engine's precision and its accuracy this week, each beside that of the last ninety days.

    The days end with today in `timezone`, the organisation's.
    """
    today = utc_now().astimezone(ZoneInfo(timezone)).date()
    week, quarter = await _read(actor, today, _WEEK), await _read(actor, today, _QUARTER)
    return [
        _rate("Precision, 7 days", week.fraud.precision, quarter.fraud.precision),
        _rate("Accuracy, 7 days", week.fraud.accuracy, quarter.fraud.accuracy, week.targets.fraud_accuracy),
    ]


def stats(found: FiguresView, engine: list[StatRow]) -> list[StatRow]:
    """Give the four figures; `engine` is what `read_engine` gave."""
    return [
        words.stat("Waiting for review", words.number(found.waiting), change="for a person to decide"),
        words.stat("Decided, 7 days", words.number(found.decided_7d), change="by you and your colleagues"),
        *engine,
    ]


async def _read(actor: Actor, today: date, days: int) -> AnalyticsView:
    command = ReadAnalytics(tenant_id=actor.tenant_id, first=today - timedelta(days=days - 1), last=today)
    return await analytics.read_analytics(actor, command)


def _rate(label: str, now: float | None, longer: float | None, target: float | None = None) -> StatRow:
    """Give a share; while nobody has decided on this week's orders it says so and shows the longer span."""
    past = f"{longer:.0%} in 90 days" if longer is not None else "no decisions in 90 days"
    change = past if target is None else f"{past}, target {target:.0%}"
    row = words.stat(label, f"{now:.0%}" if now is not None else "\N{EN DASH}", change=change)
    if now is not None and target is not None:
        row["tone"] = "good" if now >= target else "bad"
    return row
