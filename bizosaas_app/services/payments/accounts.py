"""Payment accounts: opened as a draft, found again, and verified; `activation.py` puts them into use."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit
from bizosaas_app.services.payments import checks, forgetting, formats, markets
from bizosaas_app.services.payments.providers.port import Identity
from models import PaymentAccount

MOST: Final = 50
"""Accounts of a tenant: three providers, two modes and some currencies are far below."""


class TooManyAccounts(Conflict):
    """The tenant has as many accounts as it may."""

    code = "too_many_payment_accounts"
    title = f"There are {MOST} payment accounts already"


class OtherAccount(Conflict):
    """The credentials open another account at the provider than the one that is in use."""

    code = "other_payment_account"
    title = "These credentials belong to another account; deactivate this one first"


class InUse(Conflict):
    """What an account in use is cannot be changed."""

    code = "payment_account_in_use"
    title = "The account is in use; deactivate it first"


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the credentials, or whose they are, in the same moment."""

    code = "changed_meanwhile"
    title = "Somebody else has changed the credentials meanwhile; look at the account again"


REFUSALS: Final = (ChangedMeanwhile, OtherAccount, NotFound)
"""Why credentials that the provider takes are not used after all."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The account that is asked for."""

    name: str
    provider: str
    country: str
    currency: str
    mode: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Credentials that the provider has taken: their name in the store of secrets, and whose account they open."""

    credentials_id: UUID
    fields: Mapping[str, str]
    identity: Identity


@dataclass(frozen=True, slots=True)
class Address:
    """Where an account's public id leads."""

    tenant_id: UUID
    account_id: UUID


async def open_account(
    session: AsyncSession, actor: Actor, wish: Wish, *, draft_id: UUID | None, now: datetime
) -> PaymentAccount:
    """Write a draft of an account; the same `draft_id` gives the account that it has made.

    Raises `InputInvalid` for a country or currency that the provider does not serve, or `TooManyAccounts`.
    """
    markets.check(wish.provider, wish.country, wish.currency)
    existing = await find_by_draft(session, draft_id) if draft_id else None
    if existing is not None:
        return existing
    if len((await session.exec(select(PaymentAccount.id))).all()) >= MOST:
        raise TooManyAccounts
    account_id = new_id()
    statement = insert(PaymentAccount).values(
        tenant_id=actor.tenant_id,
        id=account_id,
        draft_id=draft_id,
        name=wish.name,
        provider=wish.provider,
        country=wish.country,
        currency=wish.currency,
        mode=wish.mode,
        public_id=secrets.token_urlsafe(18),
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    # Two requests of one draft: the second waits for the first, writes nothing, and finds its account.
    await session.execute(statement.on_conflict_do_nothing(index_elements=["tenant_id", "draft_id"]))
    made = (await find_by_draft(session, draft_id) if draft_id else None) or await get(session, account_id)
    if made.id == account_id:
        await note(session, actor, "payments.account_opened", made, provider=made.provider, mode=made.mode)
    return made


async def revise(session: AsyncSession, actor: Actor, account_id: UUID, wish: Wish, *, now: datetime) -> PaymentAccount:
    """Change what an account is that is not in use; one at another provider or of another mode begins as a draft.

    A job forgets what signed us in at another provider.
    Raises `InputInvalid`, or `InUse`.
    """
    markets.check(wish.provider, wish.country, wish.currency)
    account = await hold(session, account_id)
    if wish == Wish(account.name, account.provider, account.country, account.currency, account.mode):
        return account
    if account.state == "active":
        raise InUse
    before = forgetting.used_by(account)
    if (wish.provider, wish.mode) != (account.provider, account.mode):
        await _begin_anew(session, account, now)
        account.state, account.credentials_id, account.hints = "draft", None, {}
        account.identity, account.verified_at = None, None
    account.name, account.provider, account.country = wish.name, wish.provider, wish.country
    account.currency, account.mode, account.updated_at = wish.currency, wish.mode, now
    session.add(account)
    await forgetting.leave_unused(session, actor, account, before)
    await note(session, actor, "payments.account_changed", account, provider=wish.provider, mode=wish.mode)
    return account


async def find_by_draft(session: AsyncSession, draft_id: UUID) -> PaymentAccount | None:
    """Give the account that a wizard's draft has made."""
    return (await session.exec(select(PaymentAccount).where(PaymentAccount.draft_id == draft_id))).one_or_none()


async def list_accounts(session: AsyncSession) -> Sequence[PaymentAccount]:
    """List the tenant's accounts, oldest first."""
    order = (col(PaymentAccount.created_at), col(PaymentAccount.id))
    return (await session.exec(select(PaymentAccount).order_by(*order))).all()


async def get(session: AsyncSession, account_id: UUID) -> PaymentAccount:
    """Give an account; raises `NotFound`."""
    return _known((await session.exec(select(PaymentAccount).where(PaymentAccount.id == account_id))).one_or_none())


async def hold(session: AsyncSession, account_id: UUID) -> PaymentAccount:
    """Give an account that nobody else changes until the transaction ends; raises `NotFound`."""
    query = select(PaymentAccount).where(PaymentAccount.id == account_id).with_for_update()
    return _known((await session.exec(query.execution_options(populate_existing=True))).one_or_none())


async def find_public(session: AsyncSession, public_id: str) -> Address | None:
    """Say where the public id of an account leads, through the door function; needs no tenant context."""
    query = text("SELECT tenant_id, account_id FROM app.find_payment_account(:public_id)")
    row = (await session.execute(query, {"public_id": public_id})).one_or_none()
    return Address(*row) if row else None


async def accept_credentials(
    session: AsyncSession,
    actor: Actor,
    seen: PaymentAccount,
    taken: Taken,
    *,
    now: datetime,
) -> PaymentAccount:
    """Point the account to credentials that the provider has taken; `seen` is the account as it was before.

    A job forgets those of before. What was tried out at another account of the provider's no longer counts. Raises
    `ChangedMeanwhile`, or `OtherAccount` for one that is in use.
    """
    account = await hold(session, seen.id)
    if (account.credentials_id, account.round) != (seen.credentials_id, seen.round):
        raise ChangedMeanwhile
    before = forgetting.used_by(account)
    whose = taken.identity.account
    digest = hashlib.sha256(whose.encode()).hexdigest()[:32] if whose else None
    if account.identity not in (None, digest):
        await _begin_anew(session, account, now)
    account.state = "verified" if account.state == "draft" else account.state
    account.identity, account.is_sandbox = digest, taken.identity.is_sandbox
    account.credentials_id, account.hints = taken.credentials_id, formats.hints(taken.fields)
    account.verified_at = account.updated_at = now
    session.add(account)
    await forgetting.leave_unused(session, actor, account, before)
    await note(session, actor, "payments.credentials_set", account, rotated=seen.credentials_id is not None)
    return account


async def _begin_anew(session: AsyncSession, account: PaymentAccount, now: datetime) -> None:
    if account.state == "active":
        raise OtherAccount
    account.round += 1
    account.webhook_state, account.webhook_id, account.webhook_failure = "not_attempted", None, None
    account.event_seen_at = None
    await checks.abandon(session, account.id, "The credentials are of another account now", now=now)


def _known(account: PaymentAccount | None) -> PaymentAccount:
    if account is None:
        raise NotFound("There is no such payment account")
    return account


async def note(session: AsyncSession, actor: Actor, action: str, account: PaymentAccount, **detail: object) -> None:
    """Write down what was done with an account."""
    await audit.record(session, actor, action=action, subject=f"payment_account:{account.id}", detail=detail)
