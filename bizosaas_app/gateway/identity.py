"""Identity: from a token, a cookie or an API key to a verified `Actor`.

A token says which session it is; what the session may do is asked of its record on every request. The record is
kept in Valkey for a minute, valid for as long as the epochs of its user and its tenant stand still, and read from
PostgreSQL otherwise. Without Valkey nobody is served: a revoked session could not be told from a live one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import cookie_names
from bizosaas_app.gateway.limits import quota
from bizosaas_app.gateway.limits.quota import Decision
from bizosaas_app.kernel.actor import Actor, Channel
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotSignedIn, Unavailable
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import api_keys, refresh_tokens, session_records
from bizosaas_app.services.accounts.access_tokens import access_tokens
from bizosaas_app.services.accounts.session_records import SessionRecord

_RECORD_SECONDS: Final = 60
"""How long a record is kept, should the news of a change ever get lost."""
_RELOADS: Final = 3
"""A record can change while it is read; this often in a row it does not."""

Reader = Callable[[AsyncSession], Awaitable[SessionRecord | None]]


@dataclass(frozen=True, slots=True)
class Caller:
    """What the network tells of who asks, whoever they turn out to be."""

    channel: Channel
    address: str
    user_agent: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """A verified actor, and what the tenant's quota said when it was charged."""

    actor: Actor
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose record is asked for; `owner_id` is the user, or the API key itself."""

    tenant_id: UUID
    session_id: UUID
    owner_id: UUID


async def authenticate_token(
    token: str, caller: Caller, *, is_charged: bool = True, may_be_expired: bool = False
) -> Admitted:
    """Give the actor of an access token.

    Raises `NotSignedIn` (`TokenRefused`, `TokenExpired`) or `Unavailable`. A used-up quota is no error here: see
    `Admitted.decision`.
    """
    identity = await access_tokens(resources()).verify(token, now=utc_now(), may_be_expired=may_be_expired)
    subject = _Subject(identity.tenant_id, identity.session_id, identity.user_id)
    return await _admit_session(subject, caller, is_charged=is_charged)


async def authenticate_refresh(text: str, caller: Caller) -> Actor:
    """Give the actor of a refresh cookie, for signing out after the access cookie has gone; raises `NotSignedIn`."""
    token = refresh_tokens.parse(resources().peppers["refresh"], text)
    if token is None:
        raise NotSignedIn
    idle = timedelta(seconds=resources().settings.session_idle_seconds)
    async with unit_of_work(Actor.system(token.tenant_id)) as session:
        record = await session_records.find_session(session, token.session_id, idle=idle, now=utc_now())
    if record is None:
        raise NotSignedIn
    return _actor(record, caller, session_id=token.session_id)


async def authenticate_key(text: str, caller: Caller) -> Admitted:
    """Give the actor of an API key; raises `NotSignedIn` or `Unavailable`."""
    ring = resources().peppers["api_key"]
    key = api_keys.parse(ring, text)
    if key is None:
        raise NotSignedIn("This API key is not valid")

    async def read(session: AsyncSession) -> SessionRecord | None:
        record = await session_records.find_api_key(session, key.key_id, now=utc_now())
        return record if record and api_keys.is_secret_of(ring, key, record.secret_hash) else None

    subject = _Subject(key.tenant_id, key.key_id, key.key_id)
    record, decision = await _admit(subject, read, is_charged=True)
    return Admitted(_actor(record, caller, api_key_id=key.key_id), decision)


async def authenticate_socket(
    cookie_header: str,
    *,
    bound_session: UUID | None,
    request_id: str,
    address: str,
    user_agent: str,
) -> Actor:
    """Give the actor behind a WebSocket's handshake cookies; raises `NotSignedIn` or `Unavailable`.

    The browser cannot change these cookies while the socket is open, so the token inside may run out. It then
    counts only for the session that the socket was bound to while it was valid; the session's record stays the
    authority and is asked each time. Charges no quota: the UI has a budget of its own.
    """
    token = cookie_names.find(cookie_header, cookie_names.ACCESS.name_in(resources().settings))
    if token is None:
        raise NotSignedIn
    identity = await access_tokens(resources()).verify(token, now=utc_now(), may_be_expired=bound_session is not None)
    if bound_session is not None and identity.session_id != bound_session:
        identity = await access_tokens(resources()).verify(token, now=utc_now())
    subject = _Subject(identity.tenant_id, identity.session_id, identity.user_id)
    caller = Caller("ui", address, user_agent, request_id)
    return (await _admit_session(subject, caller, is_charged=False)).actor


async def _admit_session(subject: _Subject, caller: Caller, *, is_charged: bool) -> Admitted:
    idle = timedelta(seconds=resources().settings.session_idle_seconds)

    async def read(session: AsyncSession) -> SessionRecord | None:
        return await session_records.find_session(session, subject.session_id, idle=idle, now=utc_now())

    record, decision = await _admit(subject, read, is_charged=is_charged)
    if record.user_id != subject.owner_id:
        raise NotSignedIn
    return Admitted(_actor(record, caller, session_id=subject.session_id), decision)


async def _admit(subject: _Subject, read: Reader, *, is_charged: bool) -> tuple[SessionRecord, Decision | None]:
    """Give the record with the quota's word on it: one round trip when the record is known."""
    cache = resources().cache
    limit = resources().settings.rate_limit_per_hour if is_charged else None
    try:
        for _ in range(_RELOADS):
            answer = await quota.admit(
                cache, subject.tenant_id, subject.session_id, subject.owner_id, quota_key=None, limit=limit
            )
            if answer.data is not None:
                record = SessionRecord.load(answer.data)
                if record.expires_at <= utc_now():
                    raise NotSignedIn
                return record, answer.decision
            if answer.state == "revoked":
                raise NotSignedIn
            await _reload(cache, subject, read, answer.epochs)
    except CacheError as error:
        raise Unavailable("Sign-ins cannot be checked right now") from error
    raise Unavailable("This session is changing right now", retry_after_seconds=1)


async def _reload(cache: Cache, subject: _Subject, read: Reader, epochs: tuple[str, str]) -> None:
    async with unit_of_work(Actor.system(subject.tenant_id)) as session:
        record = await read(session)
    await quota.store_session_entry(
        cache,
        subject.tenant_id,
        subject.session_id,
        subject.owner_id,
        data=record.dump() if record else None,
        epochs=epochs,
        ttl_seconds=_RECORD_SECONDS,
    )


def _actor(
    record: SessionRecord, caller: Caller, *, session_id: UUID | None = None, api_key_id: UUID | None = None
) -> Actor:
    return Actor(
        tenant_id=record.tenant_id,
        tenant_slug=record.tenant_slug,
        user_id=record.user_id,
        session_id=session_id,
        api_key_id=api_key_id,
        name=record.name,
        email=record.email,
        role=record.role,
        permissions=record.permissions,
        platform=record.platform,
        allowed_platforms=record.platforms,
        channel=caller.channel,
        request_id=caller.request_id,
        address=caller.address,
        user_agent=caller.user_agent,
    )
