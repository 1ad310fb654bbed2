"""Sign-ups: members who joined by a code, and the fact of it for whoever shared the code."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.referrals import own_facts
from bizosaas_app.services.jobs import queue
from models import ReferralCode, ReferralSignUp

TASK: Final = "referrals.sign_up"


async def note(
    session: AsyncSession, actor: Actor, *, user_id: UUID, code_id: UUID, referrer_id: UUID, now: datetime
) -> None:
    """Remember by which code the new member came.

    The fact follows as a job: writing it here would show in the time of the answer, and so tell a stranger that
    the address had no account before.
    """
    session.add(
        ReferralSignUp(
            tenant_id=actor.tenant_id,
            user_id=user_id,
            code_id=code_id,
            referrer_user_id=referrer_id,
            created_at=now,
        )
    )
    await session.flush()
    await queue.enqueue(session, actor, TASK, {"user_id": str(user_id)})


async def tell(session: AsyncSession, actor: Actor, user_id: UUID, *, now: datetime) -> None:
    """Write the fact of the member's sign-up; a second time changes nothing."""
    query = (
        select(ReferralSignUp, ReferralCode.program_id)
        .join(ReferralCode, col(ReferralCode.id) == col(ReferralSignUp.code_id))
        .where(ReferralSignUp.user_id == user_id)
    )
    row, program_id = (await session.exec(query)).one()
    fact = own_facts.sign_up_fact(row.user_id, row.referrer_user_id, row.code_id, program_id, row.created_at)
    await ledger.append(session, actor, [fact], now=now, source="service")
