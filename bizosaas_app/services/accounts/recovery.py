"""Recovery: a new password, by the owner's own hand or by a mailed link."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import account_tokens, credentials, letters, sessions
from bizosaas_app.services.accounts.account_tokens import TokenInvalid, TokenRef
from bizosaas_app.services.accounts.credentials import Credentials
from models import AccountToken


async def request_reset(session: AsyncSession, actor: Actor, who: Credentials, *, now: datetime) -> None:
    """Owe the owner a letter with a reset link; an earlier link stops working."""
    token = await account_tokens.issue(session, actor, purpose="reset", email=who.email, user_id=who.user_id, now=now)
    await letters.enqueue(session, actor, "reset", to=who.email, token_id=token.id)
    await audit.record(
        session, actor, action="password.reset_requested", subject=f"user:{who.user_id}", user_id=who.user_id
    )


async def find_owner(session: AsyncSession, ref: TokenRef, *, now: datetime) -> Credentials | None:
    """Give whose password an open reset token may change, or None."""
    row = (await session.exec(select(AccountToken).where(AccountToken.id == ref.token_id))).one_or_none()
    if row is None or row.purpose != "reset" or row.user_id is None or not row.is_usable(now):
        return None
    who = await credentials.find(session, row.user_id)
    return who if who and who.is_active else None


async def reset(session: AsyncSession, actor: Actor, ref: TokenRef, *, password_hash: str, now: datetime) -> None:
    """Use the token up, keep the new password and end every session; raises `TokenInvalid`."""
    row = await account_tokens.redeem(session, ref, purpose="reset", now=now)
    if row.user_id is None:
        raise TokenInvalid
    await credentials.set_password(session, user_id=row.user_id, password_hash=password_hash, now=now)
    await sessions.end_all(session, actor, user_id=row.user_id, reason="password_reset", now=now)
    await letters.enqueue(session, actor, "password_changed", to=row.email)
    await audit.record(session, actor, action="password.reset", subject=f"user:{row.user_id}", user_id=row.user_id)


async def change(session: AsyncSession, actor: Actor, who: Credentials, *, password_hash: str, now: datetime) -> None:
    """Keep the new password, void open reset links, and end every session but the actor's own."""
    await account_tokens.hold(session, user_id=who.user_id)  # before the user's row, as a reset by mail does
    await credentials.set_password(session, user_id=who.user_id, password_hash=password_hash, now=now)
    await account_tokens.void(session, purpose="reset", user_id=who.user_id, now=now)
    await sessions.end_all(
        session, actor, user_id=who.user_id, reason="password_changed", now=now, keep=actor.session_id
    )
    await letters.enqueue(session, actor, "password_changed", to=who.email)
    await audit.record(session, actor, action="password.changed", subject=f"user:{who.user_id}")
