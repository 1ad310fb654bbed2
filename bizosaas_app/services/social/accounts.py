"""Accounts: connecting them, proving that their access works, and letting them go.

The token or app password goes to the store of secrets and never into a row, an event or a log. The store is asked
outside of any transaction, by the caller: nothing is held in the database while it answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.addresses import AddressRefused, check_url
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.outgoing import PORTS, authority_of
from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.services import audit
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.social.port import Access, Profile, Refused
from models import SocialAccount, SocialPost

MOST: Final = 200
"""Accounts of a tenant: an agency's clients on a few networks each."""
FORGET: Final = "social.forget_secret"
"""The job that deletes an account's secret, unless the account is there."""
UNUSED_AFTER: Final = timedelta(minutes=10)
"""Far longer than it takes from keeping a secret to writing its account."""
_OPEN_POSTS: Final = ("pending", "running")


class AccountTaken(Conflict):
    """The account is connected already."""

    code = "account_taken"
    title = "This account is connected already"


class AccountInUse(Conflict):
    """Posts wait to be published on it."""

    code = "account_in_use"
    title = "Posts still wait for this account; cancel or publish them first"


class TooManyAccounts(Conflict):
    """No more accounts can be connected."""

    code = "too_many_accounts"
    title = f"At most {MOST} accounts can be connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to connect; without a `base_url` it is on the network's usual server."""

    network: NetworkKey
    handle: str
    base_url: str | None


@dataclass(frozen=True, slots=True)
class Servers:
    """Which servers may be named: the sandbox of the settings, and each `host:port` that needs not be public."""

    sandbox_url: str | None
    allowed: Collection[str]


def draw_up(actor: Actor, wish: NewAccount, servers: Servers, *, now: datetime) -> SocialAccount:
    """Give the account as it is to be written, with the name of its secret; writes nothing.

    Raises `InputInvalid` for `base_url` or `handle`.
    """
    account_id = new_id()
    return SocialAccount(
        tenant_id=actor.tenant_id,
        id=account_id,
        network=wish.network,
        handle=_handle(wish.handle),
        base_url=server_of(wish.network, wish.base_url, servers),
        secret_name=secret_name(actor, account_id),
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )


def secret_name(actor: Actor, account_id: UUID) -> str:
    """Give the name of an account's secret in the store."""
    return f"social/{actor.tenant_id}/{account_id}"


async def connect(session: AsyncSession, actor: Actor, row: SocialAccount) -> None:
    """Write an account whose secret is kept already; it is unchecked until its server was asked.

    Raises `AccountTaken` or `TooManyAccounts`: then the secret is to be forgotten.
    """
    if len(await list_all(session)) >= MOST:
        raise TooManyAccounts
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise AccountTaken from error
    await audit.record(session, actor, action="social.account_connected", subject=f"social_account:{row.id}")


async def find_broken(session: AsyncSession, row: SocialAccount) -> UUID | None:
    """Give the account that stands in the place of this one and is not connected; None when there is none."""
    query = select(SocialAccount.id).where(
        SocialAccount.network == row.network,
        SocialAccount.base_url == row.base_url,
        SocialAccount.handle == row.handle,
        col(SocialAccount.status).in_(("unchecked", "failed")),
    )
    return (await session.exec(query)).one_or_none()


def server_of(network: NetworkKey, typed: str | None, servers: Servers) -> str:
    """Give the server's address as scheme and host; raises `InputInvalid` for `base_url`."""
    rules = NETWORKS[network]
    usual = rules.usual_url if rules.is_real else servers.sandbox_url
    text = (typed or usual or "").strip().rstrip("/")
    if not text:
        asked = "the address of your server" if rules.is_real else "the address of the sandbox"
        raise InputInvalid({"base_url": f"Enter {asked}, such as https://social.example"})
    try:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
            raise InputInvalid({"base_url": "Enter scheme and host only, such as https://social.example"})
        if authority_of(text) not in servers.allowed:
            if parts.scheme != "https":
                raise InputInvalid({"base_url": "The address has to begin with https://"})
            check_url(text, ports=PORTS)
    except (AddressRefused, ValueError) as error:
        raise InputInvalid({"base_url": str(error)}) from error
    return text.lower()


async def list_all(session: AsyncSession) -> list[SocialAccount]:
    """List the accounts that are not removed, by network and handle."""
    query = (
        select(SocialAccount)
        .where(SocialAccount.status != "removed")
        .order_by(SocialAccount.network, SocialAccount.handle, col(SocialAccount.id))
    )
    return list((await session.exec(query)).all())


async def get(session: AsyncSession, account_id: UUID) -> SocialAccount:
    """Give an account, or raise `NotFound` (for a removed one too)."""
    query = select(SocialAccount).where(SocialAccount.id == account_id, SocialAccount.status != "removed")
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such account")
    return row


async def by_id(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, SocialAccount]:
    """Give accounts by their id, removed ones too: their posts still name them."""
    query = select(SocialAccount).where(col(SocialAccount.id).in_(set(ids)))
    return {row.id: row for row in (await session.exec(query)).all()}


async def access_of(row: SocialAccount, secrets: SecretSource) -> Access:
    """Give the access to an account; raises `Refused` when its secret is gone."""
    return await open_access(row.network, row.handle, row.base_url, row.secret_name, secrets)


async def open_access(
    network: str, handle: str, base_url: str, secret_name: str | None, secrets: SecretSource
) -> Access:
    """Give the access with its secret; raises `Refused` when that is gone."""
    secret = await secrets.get(secret_name) if secret_name else None
    if not secret:
        raise Refused("The account's access is not there any more; connect it again")
    return Access(network, handle, base_url, secret)


async def renew(session: AsyncSession, actor: Actor, account_id: UUID, *, now: datetime) -> str:
    """Make the account ready for another token or app password; gives the name under which that is to be kept.

    A later job forgets it if the account is removed before it is kept.
    """
    row = await get(session, account_id)
    await leave_forgetting(session, actor, account_id, at=now + UNUSED_AFTER)
    row.status, row.failure, row.updated_at = "unchecked", None, now
    await session.flush()
    await audit.record(session, actor, action="social.account_renewed", subject=f"social_account:{row.id}")
    return str(row.secret_name)


async def note(session: AsyncSession, account_id: UUID, outcome: Profile | str, *, now: datetime) -> SocialAccount:
    """Write down what the server said of the account, or why it said nothing."""
    row = await get(session, account_id)
    if isinstance(outcome, Profile):
        row.status, row.failure = "connected", None
        row.is_sandbox, row.character_limit = outcome.is_sandbox, outcome.character_limit
    else:
        row.status, row.failure = "failed", outcome
    row.checked_at = row.updated_at = now
    await session.flush()
    return row


async def remove(session: AsyncSession, actor: Actor, account_id: UUID, *, now: datetime) -> None:
    """Let an account go; its posts stay, and a job forgets its secret.

    Raises `AccountInUse` while posts wait for it.
    """
    row = await get(session, account_id)
    waiting = select(SocialPost.id).where(SocialPost.account_id == account_id, col(SocialPost.state).in_(_OPEN_POSTS))
    if (await session.exec(waiting.limit(1))).first() is not None:
        raise AccountInUse
    row.status, row.secret_name, row.updated_at = "removed", None, now
    await session.flush()
    await leave_forgetting(session, actor, account_id)
    await audit.record(session, actor, action="social.account_removed", subject=f"social_account:{row.id}")


async def leave_forgetting(
    session: AsyncSession, actor: Actor, account_id: UUID, *, at: datetime | None = None
) -> None:
    """Have an account's secret deleted after the commit, or at `at`, unless the account is there then."""
    await queue.enqueue(session, actor, FORGET, {"account_id": str(account_id)}, at=at)


async def is_there(session: AsyncSession, account_id: UUID) -> bool:
    """Say whether an account is written and not removed."""
    query = select(SocialAccount.id).where(SocialAccount.id == account_id, SocialAccount.status != "removed")
    return (await session.exec(query)).one_or_none() is not None


async def forget(secrets: SecretSource, name: str) -> None:
    """Delete a secret that is no longer used, in every version: the store forgets nothing by itself."""
    await secrets.delete(name)


def _handle(typed: str) -> str:
    handle = typed.strip().lstrip("@")
    if not handle or any(sign.isspace() or not sign.isprintable() for sign in handle):
        raise InputInvalid({"handle": "Enter the account's name, without spaces"})
    return handle
