"""How right the fraud engine is: its verdicts beside the decisions of the people who reviewed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.analytics.rates import share
from bizosaas_app.services.analytics.spans import Span

# What was approved and refunded later was honest all the same.
_COUNT: Final = text("""
SELECT
    count(*) FILTER (WHERE is_reviewed),
    count(*) FILTER (WHERE is_reviewed AND leans_to_fraud AND is_fraud),
    count(*) FILTER (WHERE is_reviewed AND leans_to_fraud AND NOT is_fraud),
    count(*) FILTER (WHERE is_reviewed AND NOT leans_to_fraud AND is_fraud),
    count(*) FILTER (WHERE is_reviewed AND decision = 'review' AND NOT is_fraud),
    count(*) FILTER (WHERE decision = 'block'),
    count(*) FILTER (WHERE decision = 'review'),
    count(*) FILTER (WHERE decision = 'allow'),
    count(*) FILTER (WHERE is_pending)
FROM (
    SELECT c.fraud_decision AS decision, c.status = 'pending_review' AS is_pending,
        c.reviewed_at IS NOT NULL AND c.status <> 'pending_review' AS is_reviewed, c.status = 'rejected' AS is_fraud,
        c.fraud_score >= (p.review_threshold + p.block_threshold) / 2.0 AS leans_to_fraud
    FROM referral_programs p
    JOIN referral_conversions c ON c.tenant_id = p.tenant_id AND c.program_id = p.id
    WHERE p.tenant_id = :tenant_id AND (CAST(:platform AS text) IS NULL OR p.platform = :platform)
        AND c.occurred_at >= :since AND c.occurred_at < :until
) AS verdicts
""")


@dataclass(frozen=True, slots=True)
class FraudFigures:
    """The engine's verdicts on the conversions of a span, and what reviews said of them.

    A review labels a conversion: rejected is fraud, approved is honest. The engine leans to fraud when its score
    reaches the middle between the programme's thresholds for review and for blocking. `false_holds` are honest
    conversions that it had sent to review; `pending` still wait.
    """

    reviewed: int
    caught: int
    accused: int
    missed: int
    false_holds: int
    blocked: int
    held: int
    allowed: int
    pending: int

    @property
    def accuracy(self) -> float | None:
        """Share of the labelled conversions in which the engine's lean was confirmed."""
        return share(self.reviewed - self.accused - self.missed, self.reviewed)

    @property
    def precision(self) -> float | None:
        """Share of the labelled conversions that it leaned against which were fraud."""
        return share(self.caught, self.caught + self.accused)

    @property
    def recall(self) -> float | None:
        """Share of the labelled fraud that it leaned against."""
        return share(self.caught, self.caught + self.missed)


async def count(session: AsyncSession, actor: Actor, span: Span, platform: str | None) -> FraudFigures:
    """Count the verdicts on what happened within the span."""
    values = {"tenant_id": actor.tenant_id, "since": span.since, "until": span.until, "platform": platform}
    return FraudFigures(*(await session.execute(_COUNT, values)).one())
