"""Forgetting: jobs that delete what an account no longer uses from the store of secrets, tried again while it is away.

Replaced secrets are left to a job by the transaction that replaces them. New ones are left to a later job before they
are written: it finds them in use, or nobody has come to use them. No name is ever used again once it is not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.payments import vaulting
from models import PaymentAccount

TASK: Final = "payments.forget_secret"
UNUSED_AFTER: Final = timedelta(minutes=10)
"""Far longer than it takes to have new credentials tried and put in force."""


def used_by(account: PaymentAccount) -> frozenset[str]:
    """Give which secrets of the account are in use, as the last part of their names."""
    registration = vaulting.registration_of(account)
    return frozenset({registration, str(account.credentials_id)} if account.credentials_id else {registration})


async def leave_unused(session: AsyncSession, actor: Actor, account: PaymentAccount, before: frozenset[str]) -> None:
    """Have what the account used before, and does not any more, deleted after the commit."""
    for which in sorted(before - used_by(account)):
        await leave(session, actor, account.id, which)


async def leave(
    session: AsyncSession, actor: Actor, account_id: UUID, which: str, *, at: datetime | None = None
) -> None:
    """Have a secret of the account deleted after the commit, or at `at`, unless it is in use then."""
    await queue.enqueue(session, actor, TASK, {"account_id": str(account_id), "which": which}, at=at)
