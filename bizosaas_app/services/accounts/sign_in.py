"""Sign-in: is this the person? Then a session and its first tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotPermitted, NotSignedIn
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import claims, credentials, directory, session_records, sessions
from bizosaas_app.services.accounts.access_tokens import AccessToken, access_tokens
from bizosaas_app.services.accounts.credentials import Credentials
from bizosaas_app.services.accounts.session_records import SessionRecord

_NOBODY: Final = directory.Login(UUID(int=0), UUID(int=0))
"""Where an unknown address leads: the same queries are asked there, and find nothing."""


class InvalidCredentials(NotSignedIn):
    """The address is unknown or the password is wrong; which of the two stays unsaid."""

    code = "invalid_credentials"
    title = "E-mail or password is wrong"


class AccountSuspended(NotPermitted):
    """The password was right, but the user or the tenant is suspended."""

    code = "account_suspended"
    title = "This account is suspended; ask your administrator"


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of a password check; `credentials` are there for known addresses, right or wrong."""

    credentials: Credentials | None
    is_right: bool


async def find_credentials(resources: Resources, email: str) -> Credentials | None:
    """Give the credentials behind an address, or None; both cost the same queries."""
    async with resources.database.doors() as session:
        login = await directory.find_login(session, email) or _NOBODY
    async with resources.database.unit_of_work(Actor.system(login.tenant_id)) as session:
        return await credentials.find(session, login.user_id)


async def check_password(resources: Resources, email: str, password: str) -> Proof:
    """Check a password with the same work for known and unknown addresses, outside of any transaction.

    Raises `InputInvalid` (too long for bcrypt) or `Unavailable` (the hash pool is full).
    """
    found = await find_credentials(resources, email)
    is_right = await resources.hash_pool.verify(password, found.password_hash if found else None)
    return Proof(found, is_right)


async def begin(
    session: AsyncSession,
    actor: Actor,
    resources: Resources,
    who: Credentials,
    *,
    device_hash: str | None,
    now: datetime,
    fingerprint: str | None = None,
) -> SessionRecord:
    """Open the session of a person whose password was right and give its record.

    Raises `InvalidCredentials` when the password was changed while it was checked.
    """
    if not await credentials.note_sign_in(session, who, now=now):
        raise InvalidCredentials
    row = await sessions.open_session(
        session,
        actor,
        user_id=who.user_id,
        platform=who.platforms[0],
        device_hash=device_hash,
        lifetime=timedelta(seconds=resources.settings.refresh_ttl_seconds),
        now=now,
    )
    await audit.record(
        session,
        actor,
        action="login.succeeded",
        subject=f"session:{row.id}",
        user_id=who.user_id,
        detail={"device": row.device_label} | _noted(resources, fingerprint),
    )
    return await read_record(session, resources, row.id, now=now)


def _noted(resources: Resources, fingerprint: str | None) -> dict[str, str]:
    """Give what the audit log keeps of a client's fingerprint: enough to compare, too little to know it."""
    if not fingerprint:
        return {}
    key_id, digest = resources.peppers["device"].mac(fingerprint.encode())
    return {"fingerprint": f"{key_id}:{digest.hex()[:32]}"}


async def read_record(session: AsyncSession, resources: Resources, session_id: UUID, *, now: datetime) -> SessionRecord:
    """Give the record of a live session, or raise `NotSignedIn`."""
    idle = timedelta(seconds=resources.settings.session_idle_seconds)
    record = await session_records.find_session(session, session_id, idle=idle, now=now)
    if record is None:
        raise NotSignedIn
    return record


async def issue_access(
    session: AsyncSession, resources: Resources, record: SessionRecord, *, now: datetime
) -> AccessToken:
    """Give a fresh access token for this session, with the game's summary of this moment."""
    if record.user_id is None:
        raise NotSignedIn
    gamification = await claims.summarise(session, record.user_id)
    return access_tokens(resources).issue(record, gamification, now=now)
