"""The success metrics as the gateway gives them."""

from __future__ import annotations

from dataclasses import asdict

from bizosaas_app.gateway.contracts.analytics import (
    AnalyticsView,
    Counts,
    DayFigures,
    FraudView,
    Platform,
    Targets,
)
from bizosaas_app.services.analytics.success import TARGETS, Success
from bizosaas_app.services.analytics.verdicts import FraudFigures


def view_of(found: Success, platform: Platform | None = None) -> AnalyticsView:
    """Give what was measured on a platform, or on all of them."""
    return AnalyticsView(
        first=found.span.first,
        last=found.span.last,
        platform=platform,
        unlock_rate=found.unlock_rate,
        conversion_rate=found.conversion_rate,
        participation=found.participation,
        portfolio_rate=found.portfolio_rate,
        targets=Targets(**TARGETS),
        counts=_counts(found),
        fraud=_fraud(found.fraud),
        series=[DayFigures(**asdict(day)) for day in found.series],
    )


def _counts(found: Success) -> Counts:
    people = found.people
    return Counts(
        members=people.members,
        active_members=people.active,
        members_with_unlock=people.unlocked,
        members_with_showcase=people.with_showcase,
        events=sum(day.events for day in found.series),
        points=float(sum(day.points for day in found.series)),
        unlocks=sum(day.unlocks for day in found.series),
        clicks=found.clicks,
        sign_ups=found.sign_ups,
        conversions=found.conversions,
        approved=found.approved,
    )


def _fraud(found: FraudFigures) -> FraudView:
    return FraudView(
        reviewed=found.reviewed,
        accuracy=found.accuracy,
        precision=found.precision,
        recall=found.recall,
        false_holds=found.false_holds,
        blocked=found.blocked,
        held=found.held,
        allowed=found.allowed,
        pending=found.pending,
    )
