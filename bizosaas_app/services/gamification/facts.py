"""Facts: an event of the ledger as far as what is derived depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

UNLOCKED: Final = "achievement.unlocked"
"""The ledger's own fact that a member has unlocked an achievement."""
HELD: Final = "referral.held"
"""The ledger's own fact that a conversion waits for a person's decision."""
APPROVED: Final = "referral.approved"
PODIUM: Final = "leaderboard.podium"
"""The ledger's own fact that a member was among the first three when a leaderboard's period closed."""
STANDS_FOR: Final = {HELD: APPROVED}
"""Facts that may still become another one: they count towards that one provisionally, and for nothing else."""
OWN_TYPES: Final = frozenset({UNLOCKED, HELD, PODIUM})
"""Types that only our own services write. `*` does not mean them: they follow from facts that it does mean."""


@dataclass(frozen=True, slots=True)
class LedgerFact:
    """An event as it stands in the ledger; one without a user counts for nobody's rank."""

    event_id: UUID
    user_id: UUID | None
    type: str
    value: Decimal | None
    properties: dict[str, Any]
    occurred_at: datetime
    source: str = "service"

    @property
    def is_self_reported(self) -> bool:
        """Whether the sender says that nobody but the member vouches for it."""
        return self.properties.get("self_reported") is True or self.properties.get("verified") is False
