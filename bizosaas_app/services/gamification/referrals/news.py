"""News of referrals: what a member is told, and when it is worth telling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.referrals.program_rules import POINTS
from bizosaas_app.services.gamification.referrals.tiers import Tier
from bizosaas_app.services.notifications import notices
from models import ReferralConversion, ReferralProgram

PATH: Final = "/portal/referrals"
FRESH: Final = timedelta(days=2)
"""What was done longer ago by the clock that the caller works with (the demo's past days) is no news."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of news."""

    kind: notices.Kind
    title: str
    body: str


BY_STATUS: Final[Mapping[str, Message]] = {
    "approved": Message("conversion", "A referral was approved", "It counts towards your next tier."),
    "pending_review": Message("hold", "A referral is being checked", "Somebody looks at it; you need to do nothing."),
    "rejected": Message("conversion", "A referral was not accepted", "It did not meet the programme's rules."),
    "reversed": Message("conversion", "A referral was taken back", "The order behind it was undone."),
}


async def conversion_decided(session: AsyncSession, actor: Actor, row: ReferralConversion, *, now: datetime) -> None:
    """Tell the referrer what became of the conversion."""
    message = BY_STATUS[row.status]
    await _tell(session, actor, message, row.referrer_user_id, now=now, data={"conversion_id": str(row.id)})


async def tier_moved(
    session: AsyncSession, actor: Actor, program: ReferralProgram, user_id: UUID, tier: Tier | None, *, now: datetime
) -> None:
    """Tell the member which tier they are in now."""
    name = tier.name if tier else "no tier"
    message = Message("reward", f"You are now in {name}", f"In the programme {program.name}.")
    await _tell(session, actor, message, user_id, now=now, data={"program_id": str(program.id)})


async def reward_payable(
    session: AsyncSession, actor: Actor, row: ReferralConversion, user_id: UUID, amount: Decimal, *, now: datetime
) -> None:
    """Tell the member that a reward is no longer held."""
    unit = POINTS if row.reward_kind == POINTS else row.currency
    message = Message("reward", "A reward is yours", f"{amount.normalize():f} {unit} for a referral are held no more.")
    await _tell(session, actor, message, user_id, now=now, data={"conversion_id": str(row.id)})


async def paid_out(session: AsyncSession, actor: Actor, user_id: UUID, amount: str, *, now: datetime) -> None:
    """Tell the member that the account was paid out."""
    message = Message("reward", "Your rewards were paid out", f"{amount} is on its way.")
    await _tell(session, actor, message, user_id, now=now)


async def _tell(
    session: AsyncSession,
    actor: Actor,
    message: Message,
    user_id: UUID,
    *,
    now: datetime,
    data: Mapping[str, str] | None = None,
) -> None:
    if utc_now() - now <= FRESH:
        await notices.tell(
            session, actor, message.kind, user_id, title=message.title, body=message.body, path=PATH, data=data
        )
