"""Registration by hand: at a provider whose dashboard is told our address, with a secret that we make."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services import audit
from bizosaas_app.services.payments import accounts
from bizosaas_app.services.payments.checks import NotVerified
from bizosaas_app.services.payments.markets import MARKETS
from models import PaymentAccount


class RegisteredByHand(Conflict):
    """The provider has no call for it."""

    code = "registered_by_hand"
    title = "Enter the address and the secret in the provider's dashboard"


class NotByHand(Conflict):
    """The provider makes the secret itself, and tells it to us alone."""

    code = "not_registered_by_hand"
    title = "This provider is told our address by its API"


class AlreadyRegistered(Conflict):
    """A genuine event has come, so that the secret is where it belongs and is not shown any more."""

    code = "webhook_already_registered"
    title = (
        "The secret is in place and is not shown again; deactivate the account and ask for another one to replace it"
    )


def refuse(account: PaymentAccount) -> None:
    """Pass where the provider is told our address by its API; raises `RegisteredByHand`."""
    if MARKETS[account.provider].is_registered_by_hand:
        raise RegisteredByHand


async def prepare(
    session: AsyncSession, actor: Actor, account_id: UUID, *, renew: bool, now: datetime
) -> PaymentAccount:
    """Give the account whose secret may be shown now, and write down that it is.

    With `renew` the registration begins anew. Raises `NotByHand`, `NotVerified` or `AlreadyRegistered`.
    """
    account = await accounts.hold(session, account_id)
    if not MARKETS[account.provider].is_registered_by_hand:
        raise NotByHand
    if account.state == "draft":
        raise NotVerified
    if account.webhook_state == "registered" and (not renew or account.state == "active"):
        raise AlreadyRegistered
    if renew:
        account.webhook_state, account.webhook_failure, account.event_seen_at = "not_attempted", None, None
        account.updated_at = now
        session.add(account)
    subject = f"payment_account:{account.id}"
    await audit.record(session, actor, action="payments.secret_shown", subject=subject, detail={"renewed": renew})
    return account
