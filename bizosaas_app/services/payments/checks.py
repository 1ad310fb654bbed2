"""Checks: what is asked of a provider once, as a row that is there with its key before the call.

A check is claimed, done outside of any transaction, and settled. A process that dies in the middle leaves it
claimed; after a while it is claimed anew and done with the same key, which the provider knows.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.money import Money
from bizosaas_app.services import audit
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.jobs.attempts import Attempts
from bizosaas_app.services.payments import amounts
from bizosaas_app.services.payments.providers.port import Outcome
from bizosaas_app.services.tenants import records
from models import PaymentAccount, PaymentCheck
from models.payments import OPEN

TASK: Final = "payments.check"
ATTEMPTS: Final = Attempts(tries=6, lease=timedelta(seconds=90), first_wait=timedelta(seconds=5))
"""The last is some three minutes after the first; several requests of twenty seconds fit into the lease."""


class NotVerified(Conflict):
    """The provider has not taken the account's credentials yet."""

    code = "payment_account_not_verified"
    title = "Enter credentials that the provider takes first"


class NothingToRefund(Conflict):
    """There is no test payment that has passed and could be given back."""

    code = "nothing_to_refund"
    title = "Make a test payment first"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A check that we do now, its account, and for a refund what the provider calls the payment.

    `reference` is set where the provider knows the check from an earlier attempt.
    """

    account: PaymentAccount
    id: UUID
    kind: str
    key: str
    amount: Money
    reference: str | None
    payment: str | None
    attempts: int
    claimed_at: datetime
    """Tells this claim from later ones, with the number of the attempt."""


async def begin(
    session: AsyncSession, actor: Actor, account: PaymentAccount, kind: str, *, now: datetime
) -> PaymentCheck:
    """Write a check of the held account; one that is still open is given instead, and of a refund the one that passed.

    A job is left behind for the case that nobody else does it. Raises `NotVerified` or `NothingToRefund`.
    """
    if account.state == "draft":
        raise NotVerified
    known = await latest(session, account.id)
    payment = known.get("payment") if kind == "refund" else None
    if kind == "refund" and (payment is None or payment.state != "passed" or payment.round != account.round):
        raise NothingToRefund
    before = known.get(kind)
    if before is not None and (before.state in OPEN or _is_given_back(before, payment)):
        return before
    check_id = new_id()
    amount = amounts.trial(account.currency)
    await session.execute(
        insert(PaymentCheck).values(
            tenant_id=actor.tenant_id,
            id=check_id,
            account_id=account.id,
            round=account.round,
            kind=kind,
            key=str(check_id),
            payment_id=payment.id if payment else None,
            amount=amount.amount,
            currency=amount.currency,
            created_by=actor.user_id,
            created_at=now,
        )
    )
    await leave(session, actor, check_id, at=now + ATTEMPTS.lease)
    subject, detail = f"payment_account:{account.id}", {"kind": kind, "provider": account.provider}
    await audit.record(session, actor, action="payments.check_begun", subject=subject, detail=detail)
    return await get(session, account.id, check_id)


async def leave(session: AsyncSession, actor: Actor, check_id: UUID, *, at: datetime) -> None:
    """Have a check done by a job at that time, if it is still open then."""
    await queue.enqueue(session, actor, TASK, {"check_id": str(check_id)}, at=at)


async def get(session: AsyncSession, account_id: UUID, check_id: UUID) -> PaymentCheck:
    """Give a check of the account; raises `NotFound`."""
    query = select(PaymentCheck).where(PaymentCheck.id == check_id, PaymentCheck.account_id == account_id)
    row = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound("There is no such check of this account")
    return row


async def latest(session: AsyncSession, account_id: UUID) -> dict[str, PaymentCheck]:
    """Give the latest check of each kind."""
    query = (
        select(PaymentCheck)
        .where(PaymentCheck.account_id == account_id)
        .distinct(col(PaymentCheck.kind))
        .order_by(col(PaymentCheck.kind), col(PaymentCheck.created_at).desc(), col(PaymentCheck.id).desc())
    )
    rows: Sequence[PaymentCheck] = (await session.exec(query)).all()
    return {row.kind: row for row in rows}


async def list_waiting(session: AsyncSession, account_id: UUID) -> Sequence[UUID]:
    """List the checks of the account that wait for somebody else."""
    query = select(PaymentCheck.id).where(PaymentCheck.account_id == account_id, PaymentCheck.state == "waiting")
    return (await session.exec(query)).all()


async def leave_overdue(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    """Have every check done that is due and that no job may look after any more."""
    long_ago = ATTEMPTS.dead_before(now)
    overdue = or_(
        and_(PaymentCheck.state == "running", col(PaymentCheck.claimed_at) < long_ago),
        and_(PaymentCheck.state != "running", col(PaymentCheck.next_at) <= now),
        and_(PaymentCheck.attempts == 0, PaymentCheck.state == "pending", col(PaymentCheck.created_at) < long_ago),
    )
    query = select(PaymentCheck.id).where(col(PaymentCheck.state).in_(OPEN), overdue)
    for check_id in (await session.exec(query)).all():
        once = f"payments/{check_id}/overdue"
        await queue.enqueue(session, actor, TASK, {"check_id": str(check_id)}, once=once)


async def claim(session: AsyncSession, check_id: UUID, *, now: datetime) -> Claimed | datetime | None:
    """Take a check to do it; None where there is nothing to do, or the time at which another's claim has run out.

    One of a suspended tenant is left for when that is active again. One that was tried too often has failed: it may be
    what ends the processes that do it.
    """
    query = select(PaymentCheck).where(PaymentCheck.id == check_id).with_for_update(skip_locked=True)
    row = (await session.exec(query)).one_or_none()
    if row is None or row.state not in OPEN:
        return None
    if row.state == "running" and row.claimed_at is not None and now < row.claimed_at + ATTEMPTS.lease:
        return row.claimed_at + ATTEMPTS.lease
    if not await records.is_active(session, row.tenant_id):
        row.next_at = row.next_at or now
        session.add(row)
        return None
    if ATTEMPTS.are_used_up(row.attempts):
        outcome = Outcome("failed", row.reference or "", failure=ATTEMPTS.given_up)
        await _write(session, row, outcome, now)
        return None
    row.state, row.claimed_at, row.attempts, row.next_at = "running", now, row.attempts + 1, None
    session.add(row)
    account = (await session.exec(select(PaymentAccount).where(PaymentAccount.id == row.account_id))).one()
    return Claimed(
        account,
        row.id,
        row.kind,
        row.key,
        Money(row.amount, row.currency),
        row.reference,
        await _reference_of(session, row.payment_id),
        row.attempts,
        now,
    )


async def settle(session: AsyncSession, claimed: Claimed, outcome: Outcome, *, now: datetime) -> None:
    """Write down what became of it, and on the account what that says of its registration for events."""
    row = await _find_ours(session, claimed)
    if row is not None:
        await _write(session, row, outcome, now)


async def _write(session: AsyncSession, row: PaymentCheck, outcome: Outcome, now: datetime) -> None:
    row.state, row.failure, row.action_url = outcome.state, outcome.failure, outcome.action_url
    row.reference = outcome.reference or row.reference
    if outcome.state == "waiting":
        row.attempts = 0
    else:
        row.finished_at = now
    session.add(row)
    if row.kind == "webhook":
        await _settle_webhook(session, row, now)


async def put_off(session: AsyncSession, actor: Actor, claimed: Claimed, reason: str, *, now: datetime) -> None:
    """Have it tried again later; after the last try it has failed."""
    row = await _find_ours(session, claimed)
    if row is None:
        return
    if ATTEMPTS.are_used_up(row.attempts):
        await _write(session, row, Outcome("failed", row.reference or "", failure=reason), now)
        return
    row.state, row.failure = "pending", reason
    row.next_at = now + ATTEMPTS.wait_after(row.attempts, random.random())
    session.add(row)
    await leave(session, actor, row.id, at=row.next_at)


async def abandon(session: AsyncSession, account_id: UUID, reason: str, *, now: datetime) -> None:
    """End every open check of the account as failed."""
    ended = {"state": "failed", "failure": reason, "action_url": None, "finished_at": now}
    which = (col(PaymentCheck.account_id) == account_id, col(PaymentCheck.state).in_(OPEN))
    await session.execute(update(PaymentCheck).where(*which).values(**ended))


async def _find_ours(session: AsyncSession, claimed: Claimed) -> PaymentCheck | None:
    """Give the check, held, unless somebody has settled, ended or taken it over meanwhile."""
    query = select(PaymentCheck).where(PaymentCheck.id == claimed.id).with_for_update()
    row = (await session.exec(query.execution_options(populate_existing=True))).one()
    mine = (row.state, row.attempts, row.claimed_at) == ("running", claimed.attempts, claimed.claimed_at)
    return row if mine else None


async def _settle_webhook(session: AsyncSession, row: PaymentCheck, now: datetime) -> None:
    query = select(PaymentAccount).where(PaymentAccount.id == row.account_id).with_for_update()
    account = (await session.exec(query.execution_options(populate_existing=True))).one()
    if row.state == "passed":
        account.webhook_state, account.webhook_id, account.webhook_failure = "registered", row.reference, None
    elif account.state != "active":
        account.webhook_state, account.webhook_failure = "failed", row.failure
    account.updated_at = now
    session.add(account)


async def _reference_of(session: AsyncSession, check_id: UUID | None) -> str | None:
    if check_id is None:
        return None
    return (await session.exec(select(PaymentCheck.reference).where(PaymentCheck.id == check_id))).one()


def _is_given_back(refund: PaymentCheck, payment: PaymentCheck | None) -> bool:
    return payment is not None and refund.payment_id == payment.id and refund.state == "passed"
