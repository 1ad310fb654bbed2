"""The proof that the database console asks for: that the password of its session was checked not long ago.

A sign-in is such a check. Later ones are kept in Valkey by session: when it loses them, the password is asked for
again, and nobody gets in without it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.contracts.accounts import Done
from bizosaas_app.gateway.contracts.database_console import ConfirmPassword
from bizosaas_app.gateway.database_console import OPEN
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.limits.throttle import Reservation
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, LimitReached, NotPermitted, Unavailable
from bizosaas_app.kernel.passwords import encode
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import credentials, sessions
from bizosaas_app.services.accounts.credentials import Credentials


async def is_fresh(actor: Actor) -> bool:
    """Say whether the session's password was checked within the minutes of the setting.

    Raises `NotPermitted` for an actor without a session, and `Unavailable` without Valkey.
    """
    session_id = _session_of(actor)
    since = utc_now() - _lifetime()
    try:
        checked = await resources().cache.client.get(_key(actor, session_id))
    except CacheError as error:
        raise Unavailable from error
    if checked is not None and datetime.fromisoformat(checked) > since:
        return True
    async with unit_of_work(actor) as session:
        return (await sessions.get_session(session, session_id)).created_at > since


@operation("sqladmin.confirm", permission=OPEN)
async def confirm(actor: Actor, command: ConfirmPassword) -> Done:
    """Check the password of whoever sits at the session, and believe the session anew.

    Counted, slowed down and written down as a sign-in is. Raises `InputInvalid` for a wrong password, `LimitReached`
    before any work, `Unavailable`.
    """
    session_id, user_id = _session_of(actor), actor.member_id()
    encode(command.password)
    attempt = await _reserve(actor, user_id)
    async with unit_of_work(actor) as session:
        who = await credentials.find(session, user_id)
    if not await _is_right(who, command.password, attempt):
        await _note(actor, "sqladmin.confirm_failed")
        raise InputInvalid({"password": "This is not your password"})
    await visiting.succeed(attempt)
    async with unit_of_work(actor) as session:
        await audit.record(session, actor, action="sqladmin.confirmed", subject=f"session:{session_id}")
    await resources().cache.client.set(_key(actor, session_id), utc_now().isoformat(), ex=_lifetime())
    return Done()


async def _reserve(actor: Actor, user_id: UUID) -> Reservation:
    # Under the id, and in the buckets of changing one's password: whoever guesses here has no further guesses there.
    account = f"user:{user_id}"
    try:
        return await visiting.reserve(throttle.LOGIN, account=account, address=actor.address)
    except LimitReached:
        if await visiting.is_first_refusal(throttle.LOGIN, account=account, address=actor.address):
            await _note(actor, "sqladmin.confirm_throttled")
        raise


async def _is_right(who: Credentials | None, password: str, attempt: Reservation) -> bool:
    try:
        is_right = await resources().hash_pool.verify(password, who.password_hash if who else None)
    except Unavailable:
        await visiting.release(attempt)
        raise
    return is_right and who is not None and who.is_active


async def _note(actor: Actor, action: str) -> None:
    async with unit_of_work(actor) as session:
        await audit.record(session, actor, action=action, subject=f"session:{actor.session_id}", outcome="refused")


def _session_of(actor: Actor) -> UUID:
    if actor.session_id is None:
        raise NotPermitted
    return actor.session_id


def _lifetime() -> timedelta:
    return timedelta(minutes=resources().settings.sqladmin_fresh_minutes)


def _key(actor: Actor, session_id: UUID) -> str:
    return Cache.key(actor.tenant_id, "password-checked", session_id)
