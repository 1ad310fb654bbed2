"""Analytics: the span that is asked for, and the figures."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field

from bizosaas_app.gateway.contracts.base import Command, View

Platform = Literal["bizosaas", "bizoholic", "coreldove", "bizosaas-admin"]
Export = Literal["daily", "members", "conversions"]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_out(value: Any) -> Any:
    """Take a day as year, month and day only: a number of seconds would be taken for one as well."""
    if isinstance(value, str) and _DAY.fullmatch(value) is None:
        raise ValueError("Write the day as 2026-01-31")
    return value


Day = Annotated[dt.date, BeforeValidator(_written_out), Field(ge=dt.date(2000, 1, 1), le=dt.date(2099, 12, 31))]
"""A day of this century, in the tenant's time zone."""
Rate = Annotated[float | None, Field(ge=0, le=1)]
"""From 0 to 1; null when there is nothing to take a share of."""


class SpanQuery(Command):
    """The days, both ends included: the last 30 when absent, at most 366."""

    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")


class AnalyticsQuery(SpanQuery):
    """Which days, on which platform (all when absent)."""

    platform: Platform | None = None


class ReadAnalytics(Command):
    """Ask for a tenant's figures."""

    tenant_id: UUID
    first: Day | None = None
    last: Day | None = None
    platform: Platform | None = None


class ExportQuery(SpanQuery):
    """Which days, and what of them."""

    kind: Export = "daily"


class ExportAnalytics(Command):
    """Ask for a file."""

    tenant_id: UUID
    first: Day | None = None
    last: Day | None = None
    kind: Export = "daily"


class Targets(View):
    """What the product's requirements ask for."""

    unlock_rate: float
    conversion_rate: float
    participation: float
    portfolio_rate: float
    fraud_accuracy: float


class Counts(View):
    """What the rates are made of, and the totals of the series."""

    members: int
    active_members: int
    members_with_unlock: int
    members_with_showcase: int
    events: int
    points: float
    unlocks: int
    clicks: int
    sign_ups: int
    conversions: int
    approved: int


class FraudView(View):
    """The fraud engine's verdicts, and how many of those that a person reviewed were right."""

    reviewed: int
    accuracy: Rate
    precision: Rate
    recall: Rate
    false_holds: int
    blocked: int
    held: int
    allowed: int
    pending: int


class DayFigures(View):
    """One day of the series."""

    day: dt.date
    events: int
    points: float
    active_members: int
    unlocks: int
    clicks: int
    sign_ups: int
    conversions: int
    approved: int


class AnalyticsView(View):
    """A tenant's success metrics over the days from `from` to `to`."""

    model_config = ConfigDict(populate_by_name=True)

    first: dt.date = Field(alias="from")
    last: dt.date = Field(alias="to")
    platform: Platform | None
    unlock_rate: Rate
    conversion_rate: Rate
    participation: Rate
    portfolio_rate: Rate
    targets: Targets
    counts: Counts
    fraud: FraudView
    series: list[DayFigures]


class CsvFile(View):
    """A file to save: its name and its text."""

    name: str
    text: str
