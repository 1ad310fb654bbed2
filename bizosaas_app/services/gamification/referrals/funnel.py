"""The funnel: how many clicked, signed up, bought, were approved and rewarded; and the share of each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.referrals.spans import Span

_COUNT: Final = text("""
SELECT
    (SELECT count(*) FROM referral_clicks k
     WHERE k.is_counted AND k.clicked_at >= :begin AND k.clicked_at < :end
        AND (CAST(:program AS uuid) IS NULL OR k.program_id = :program)
        AND (CAST(:owner AS uuid) IS NULL OR EXISTS (
            SELECT FROM referral_codes o WHERE o.tenant_id = k.tenant_id AND o.id = k.code_id AND o.user_id = :owner))
    ) AS clicks,
    (SELECT count(*) FROM gamification_events e
     WHERE e.type = 'referral.signed_up' AND e.occurred_at >= :begin AND e.occurred_at < :end
        AND (CAST(:program AS uuid) IS NULL OR e.properties ->> 'program_id' = CAST(:program AS text))
        AND (CAST(:owner AS uuid) IS NULL OR e.user_id = :owner)
        AND NOT EXISTS (
            SELECT FROM gamification_events r WHERE r.tenant_id = e.tenant_id AND r.reverses_event_id = e.event_id)
    ) AS sign_ups,
    c.conversions, c.approved, c.rewarded
FROM (
    SELECT count(*) AS conversions,
        count(*) FILTER (WHERE status = 'approved') AS approved,
        count(*) FILTER (WHERE status = 'approved' AND reward_status IN ('payable', 'paid')) AS rewarded
    FROM referral_conversions
    WHERE occurred_at >= :begin AND occurred_at < :end
        AND (CAST(:program AS uuid) IS NULL OR program_id = :program)
        AND (CAST(:owner AS uuid) IS NULL OR referrer_user_id = :owner)
) c
""")


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts of a span; conversions are all that were told, whatever became of them."""

    clicks: int
    sign_ups: int
    conversions: int
    approved: int
    rewarded: int

    def rates(self) -> dict[str, float]:
        """Give each step as a share: sign-ups and conversions of the clicks, then each of the step before it."""
        return {
            "sign_up": _share(self.sign_ups, self.clicks),
            "conversion": _share(self.conversions, self.clicks),
            "approval": _share(self.approved, self.conversions),
            "reward": _share(self.rewarded, self.approved),
        }


async def read(
    session: AsyncSession, span: Span, *, program_id: UUID | None = None, owner_id: UUID | None = None
) -> Funnel:
    """Count the span, of one programme or all, of one member's codes or everybody's."""
    values: dict[str, Any] = {"begin": span.begin, "end": span.end, "program": program_id, "owner": owner_id}
    return Funnel(*(await session.execute(_COUNT, values)).one())


def _share(part: int, whole: int) -> float:
    """Give the share with four decimals; of nothing, 0."""
    return round(part / whole, 4) if whole else 0.0
