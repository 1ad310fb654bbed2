"""Success: the product's own measures of itself, for a span of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.analytics import days, participation, spans, verdicts
from bizosaas_app.services.analytics.days import Day
from bizosaas_app.services.analytics.participation import Participants
from bizosaas_app.services.analytics.rates import share
from bizosaas_app.services.analytics.spans import Span
from bizosaas_app.services.analytics.verdicts import FraudFigures
from models import Tenant

TARGETS: Final[Mapping[str, float]] = {
    "unlock_rate": 0.70,
    "conversion_rate": 0.12,
    "participation": 0.60,
    "portfolio_rate": 0.40,
    "fraud_accuracy": 0.95,
}
"""What the product's requirements ask for."""


@dataclass(frozen=True, slots=True)
class Success:
    """The measures of one tenant, all of them made of counts that are given too."""

    span: Span
    people: Participants
    fraud: FraudFigures
    series: Sequence[Day]

    @property
    def clicks(self) -> int:
        """Clicks on referral links that count."""
        return sum(day.clicks for day in self.series)

    @property
    def sign_ups(self) -> int:
        """People who signed up by a referral."""
        return sum(day.sign_ups for day in self.series)

    @property
    def conversions(self) -> int:
        """Conversions of the span, whatever became of them."""
        return sum(day.conversions for day in self.series)

    @property
    def approved(self) -> int:
        """Conversions of the span that are approved."""
        return sum(day.approved for day in self.series)

    @property
    def unlock_rate(self) -> float | None:
        """Share of the members active within the span who unlocked an achievement within it."""
        return share(self.people.unlocked, self.people.active)

    @property
    def conversion_rate(self) -> float | None:
        """Approved conversions for each click that counts; at most 1, since a code may also be typed in."""
        return share(self.approved, self.clicks)

    @property
    def participation(self) -> float | None:
        """Share of the members who had an event within the span."""
        return share(self.people.active, self.people.members)

    @property
    def portfolio_rate(self) -> float | None:
        """Share of the members who own a showcase."""
        return share(self.people.with_showcase, self.people.members)


async def choose_span(
    session: AsyncSession, actor: Actor, first: date | None, last: date | None, now: datetime
) -> Span:
    """Give the span that is asked for in the time zone of the tenant; see `spans.choose`."""
    timezone = (await session.exec(select(Tenant.timezone).where(Tenant.id == actor.tenant_id))).one()
    return spans.choose(first, last, timezone, now)


async def measure(session: AsyncSession, actor: Actor, span: Span, platform: str | None) -> Success:
    """Measure the actor's tenant, on one platform or on all of them."""
    return Success(
        span=span,
        people=await participation.count(session, actor, span, platform),
        fraud=await verdicts.count(session, actor, span, platform),
        series=await days.list_days(session, actor, span, platform),
    )
