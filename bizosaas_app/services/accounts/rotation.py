"""Rotation: each refresh token is good once, and a second use of it ends its whole session.

Many tabs of one browser refresh at once with the same token, and an answer can get lost. So for a few seconds
after a token was replaced the same device may present it again and is given the present generation; nobody is
signed out by his own tabs. From another device, or later, a used token is a stolen one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import epochs
from bizosaas_app.services.accounts.refresh_tokens import RefreshToken
from bizosaas_app.services.accounts.session_records import is_usable
from bizosaas_app.services.notifications import notices
from bizosaas_app.services.notifications.kinds import Channels
from bizosaas_app.services.notifications.notices import Notice
from models import AuthSession

Outcome = Literal["rotated", "repeated", "reused", "ended"]

_WHATEVER_WAS_CHOSEN: Final = Channels(in_app=True, by_mail=False)
"""Nobody can have chosen not to hear that a token of theirs was used by somebody else."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What became of a presented token; `token` is the one to use from now on, when there is one."""

    outcome: Outcome
    token: RefreshToken | None = None


async def rotate(
    session: AsyncSession,
    actor: Actor,
    cache: Cache,
    token: RefreshToken,
    *,
    device_hash: str | None,
    grace: timedelta,
    idle: timedelta,
    now: datetime,
) -> Rotation:
    """Spend the token under the session's row lock.

    Never raises for a bad token: on `reused` the session has been ended here, and the caller must commit that
    before it refuses.
    """
    row = (
        await session.exec(select(AuthSession).where(AuthSession.id == token.session_id).with_for_update())
    ).one_or_none()
    if row is None or not is_usable(row, idle=idle, now=now) or token.generation > row.refresh_counter:
        return Rotation("ended")
    if token.generation == row.refresh_counter:
        await _advance(session, cache, row, actor, grace=grace, now=now)
        return Rotation("rotated", _present(row))
    if _is_same_device(row, actor, device_hash) and await _was_just_replaced(cache, row, token, grace, now):
        return Rotation("repeated", _present(row))
    await _end_family(session, actor, row, token, now=now)
    return Rotation("reused")


def _present(row: AuthSession) -> RefreshToken:
    return RefreshToken(row.tenant_id, row.id, row.refresh_counter)


async def _advance(
    session: AsyncSession, cache: Cache, row: AuthSession, actor: Actor, *, grace: timedelta, now: datetime
) -> None:
    if grace:
        await cache.client.set(_grace_key(row, row.refresh_counter), "1", px=grace)
    row.refresh_counter += 1
    row.refresh_rotated_at = now
    row.last_seen_at = now
    row.address = actor.address
    session.add(row)
    await session.flush()


async def _was_just_replaced(
    cache: Cache, row: AuthSession, token: RefreshToken, grace: timedelta, now: datetime
) -> bool:
    """Say whether this generation was replaced within the grace.

    Of the previous generation the row itself knows. Older ones have their own mark in Valkey: when tabs start
    one after the other, a late request can be two generations behind within the same second.
    """
    if token.generation == row.refresh_counter - 1:
        return row.refresh_rotated_at is not None and now - row.refresh_rotated_at <= grace
    return bool(await cache.client.exists(_grace_key(row, token.generation)))


def _grace_key(row: AuthSession, generation: int) -> str:
    return Cache.key(row.tenant_id, "refresh-grace", row.id, generation)


def _is_same_device(row: AuthSession, actor: Actor, device_hash: str | None) -> bool:
    """Compare the device cookie and the user agent; whoever lacks the cookie of the sign-in is another device."""
    return device_hash is not None and device_hash == row.device_hash and actor.user_agent[:512] == row.user_agent


async def _end_family(
    session: AsyncSession, actor: Actor, row: AuthSession, token: RefreshToken, *, now: datetime
) -> None:
    row.revoked_at = now
    row.revoke_reason = "refresh_reused"
    session.add(row)
    notice = Notice(
        kind="system",
        user_id=row.user_id,
        title="A session was ended for your safety",
        body=f"An old sign-in token of “{row.device_label}” was used again. If that was not you, change your password.",
        data={"session_id": str(row.id), "address": actor.address},
    )
    await notices.leave(session, actor, [(notice, _WHATEVER_WAS_CHOSEN)])
    await audit.record(
        session,
        actor,
        action="refresh.reused",
        subject=f"session:{row.id}",
        outcome="refused",
        user_id=row.user_id,
        detail={"generation": token.generation, "present": row.refresh_counter},
    )
    await epochs.end(session, actor, "user", row.user_id)
