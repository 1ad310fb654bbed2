"""Labels: what a person's decision on a conversion teaches.

Inside the tenant the reviewed row is itself the label: `known` reads rejected and approved rows of the same device,
card, inbox and network. Between tenants the decision goes out as keyed hashes, where the tenant has opted in.
"""

from __future__ import annotations

from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.fraud import choices, reputation
from models import ReferralConversion

HASHES: Final = "hashes"
"""Member of `fraud_inputs` with the platform's keyed hashes of the attempt, by kind."""


async def label(session: AsyncSession, actor: Actor, conversion: ReferralConversion, *, is_fraud: bool) -> None:
    """Learn from a review of this conversion, in its transaction: confirm its device, card and inbox, or clear them."""
    if not (await choices.get(session)).shares_signals:
        return
    outcome: reputation.Outcome = "confirmed" if is_fraud else "cleared"
    hashes = conversion.fraud_inputs.get(HASHES, {})
    await reputation.report(session, hashes, outcome)
    await audit.record(
        session,
        actor,
        action="fraud.signal_reported",
        subject=f"conversion:{conversion.id}",
        detail={"outcome": outcome, "kinds": sorted(hashes)},
    )
