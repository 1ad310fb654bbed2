"""Tokens that travel by mail: invitations and password resets, each good for one use.

The text is derived from the row's id, so that nothing secret waits in a table; the row keeps purpose, expiry
and use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts.sealed import seal, unseal
from models import AccountToken

Purpose = Literal["invite", "reset"]

LIFETIMES: Final[dict[Purpose, timedelta]] = {
    "invite": timedelta(days=7),  # a holiday long
    "reset": timedelta(hours=1),  # OWASP: short, since it opens the account
}
_PREFIX: Final = token_prefixes.ACCOUNT


class TokenInvalid(InputInvalid):
    """The link was used, has expired or was never ours; which of these is nobody's business."""

    code = "token_invalid"
    title = "This link is no longer valid"

    def __init__(self, field: str = "token") -> None:
        super().__init__({field: "This link is no longer valid; ask for another one"}, self.title)


@dataclass(frozen=True, slots=True)
class TokenRef:
    """Where the row of a token is."""

    tenant_id: UUID
    token_id: UUID

    def text(self, ring: PepperRing) -> str:
        """Give the token as it stands in the mailed link."""
        return seal(ring, _PREFIX, self.tenant_id.bytes + self.token_id.bytes)


def parse(ring: PepperRing, text: str) -> TokenRef:
    """Give what the text points to; raises `TokenInvalid` when we never made it."""
    payload = unseal(ring, _PREFIX, text, length=32)
    if payload is None:
        raise TokenInvalid
    return TokenRef(UUID(bytes=payload[:16]), UUID(bytes=payload[16:]))


async def issue(
    session: AsyncSession,
    actor: Actor,
    *,
    purpose: Purpose,
    email: str,
    user_id: UUID,
    now: datetime,
    role: str | None = None,
) -> AccountToken:
    """Write a new token; earlier ones of the same purpose for this person stop working."""
    await void(session, purpose=purpose, user_id=user_id, now=now)
    row = AccountToken(
        tenant_id=actor.tenant_id,
        purpose=purpose,
        email=email,
        user_id=user_id,
        role_key=role,
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    session.add(row)
    await session.flush()
    return row


async def hold(session: AsyncSession, *, user_id: UUID) -> None:
    """Let nobody use up a token of this person until the transaction ends.

    Whoever writes the user's row as well holds the tokens first: a mailed link is used up in that order, and in another
    one the two would wait for each other.
    """
    query = select(AccountToken.id).where(AccountToken.user_id == user_id).order_by(col(AccountToken.id))
    await session.exec(query.with_for_update())


async def void(session: AsyncSession, *, purpose: Purpose, user_id: UUID, now: datetime) -> None:
    """Make every unused token of this purpose for this person useless."""
    await session.exec(
        update(AccountToken)
        .where(
            col(AccountToken.user_id) == user_id,
            col(AccountToken.purpose) == purpose,
            col(AccountToken.used_at).is_(None),
        )
        .values(used_at=now)
    )


async def redeem(session: AsyncSession, ref: TokenRef, *, purpose: Purpose, now: datetime) -> AccountToken:
    """Use the token up and give its row; of two at once one wins. Raises `TokenInvalid`."""
    row = (
        await session.exec(select(AccountToken).where(AccountToken.id == ref.token_id).with_for_update())
    ).one_or_none()
    if row is None or row.purpose != purpose or not row.is_usable(now):
        raise TokenInvalid("invite_token" if purpose == "invite" else "token")
    row.used_at = now
    session.add(row)
    return row
