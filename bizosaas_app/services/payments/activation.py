"""Activation: what a payment account needs before it goes into use, and taking it out of use again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services.gamification import ledger, people_locks, projector
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.payments import accounts
from models import PaymentAccount, PaymentCheck

ACTIVATED: Final = "payments.activated"
"""The ledger's fact that a member has set up an account; the first time counts."""
WORDS: Final = {
    "credentials": "the credentials",
    "webhook": "the registration for events",
    "payment": "a test payment",
    "refund": "its refund",
}
"""What an account needs before it goes into use, in the order in which it is done."""
_NAMESPACE: Final = UUID("5b0c1f0e-6a1f-4d0e-9a39-2a4f0f4e7d11")


class NotReady(Conflict):
    """The account lacks something before it can be activated; `missing` names it."""

    code = "payment_account_not_ready"
    title = "The account cannot be activated yet"


def missing(account: PaymentAccount, known: Mapping[str, PaymentCheck]) -> list[str]:
    """Name what lacks before the account can be activated, in the order in which it is done."""
    done = {
        "credentials": account.verified_at is not None,
        "webhook": account.webhook_state == "registered",
        "payment": is_passed(account, known.get("payment")),
        "refund": is_passed(account, known.get("refund")),
    }
    return [name for name, is_done in done.items() if not is_done]


async def activate(
    session: AsyncSession, actor: Actor, account: PaymentAccount, known: Mapping[str, PaymentCheck], *, now: datetime
) -> PaymentAccount:
    """Put a held account into use; a second time changes nothing. Raises `NotReady` with what lacks.

    The caller was made ready for the fact that it adds to the ledger (`make_ready`).
    """
    if account.state == "active":
        return account
    lacking = missing(account, known)
    if lacking:
        raise NotReady(f"Still missing: {', '.join(WORDS[name] for name in lacking)}", data={"missing": lacking})
    account.state, account.activated_at, account.deactivated_at = "active", now, None
    account.updated_at = now
    session.add(account)
    await accounts.note(session, actor, "payments.activated", account, provider=account.provider, mode=account.mode)
    fact = NewEvent(
        event_id=uuid5(_NAMESPACE, f"{account.tenant_id}/{account.draft_id or account.id}"),
        type=ACTIVATED,
        user_id=actor.user_id,
        properties={"account_id": str(account.id), "provider": account.provider, "mode": account.mode},
        occurred_at=now,
    )
    await ledger.append(session, actor, [fact], now=now, source="service")
    return account


async def make_ready(session: AsyncSession, actor: Actor) -> None:
    """Take the locks that activating needs, in the ledger's own order, before the row's."""
    await projector.lock_shared(session, actor.tenant_id)
    await people_locks.hold(session, actor.tenant_id, [actor.user_id] if actor.user_id else [])


async def deactivate(session: AsyncSession, actor: Actor, account_id: UUID, *, now: datetime) -> PaymentAccount:
    """Take an account out of use; one that is not in use stays as it is."""
    account = await accounts.hold(session, account_id)
    if account.state == "active":
        account.state, account.deactivated_at, account.updated_at = "inactive", now, now
        session.add(account)
        await accounts.note(
            session, actor, "payments.deactivated", account, provider=account.provider, mode=account.mode
        )
    return account


def is_passed(account: PaymentAccount, check: PaymentCheck | None) -> bool:
    """Say whether a check has passed for the account as it is now."""
    if check is None or check.state != "passed":
        return False
    return (check.round, check.currency) == (account.round, account.currency)
