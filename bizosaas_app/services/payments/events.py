"""Events that a provider has sent: each genuine one is kept once, and says that the registration works."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit
from bizosaas_app.services.payments import checks
from bizosaas_app.services.payments.providers.port import Notice
from models import PaymentAccount, PaymentEvent


async def keep(
    session: AsyncSession, actor: Actor, account: PaymentAccount, notice: Notice, raw: bytes, *, now: datetime
) -> bool:
    """Write down a genuine event of the held account; False for one that we have already, and nothing changes.

    The first one shows that the registration works. Checks that wait are looked at anew.
    """
    statement = insert(PaymentEvent).values(
        tenant_id=actor.tenant_id,
        id=new_id(),
        account_id=account.id,
        provider_event_id=notice.event_id[:255],
        type=notice.type[:100],
        digest=hashlib.sha256(raw).hexdigest(),
        received_at=now,
    )
    written = await session.execute(statement.on_conflict_do_nothing().returning(col(PaymentEvent.id)))
    if written.scalar_one_or_none() is None:
        return False
    if account.event_seen_at is None:
        subject = f"payment_account:{account.id}"
        await audit.record(session, actor, action="payments.first_event", subject=subject, detail={"type": notice.type})
    account.event_seen_at = account.updated_at = now
    account.webhook_state, account.webhook_failure = "registered", None
    session.add(account)
    for check_id in await checks.list_waiting(session, account.id):
        await checks.leave(session, actor, check_id, at=now)
    return True


async def count_refused(session: AsyncSession, account_id: UUID) -> None:
    """Count an event whose signature was not right, for whoever looks into why none arrives."""
    counted = {"refused_events": col(PaymentAccount.refused_events) + 1}
    await session.execute(update(PaymentAccount).where(col(PaymentAccount.id) == account_id).values(**counted))
