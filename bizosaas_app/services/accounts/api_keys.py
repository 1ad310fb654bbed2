"""API keys: how a tenant's own systems call us. Shown once; kept as a keyed hash."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import SQLColumnExpression, and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services import audit, sheets
from bizosaas_app.services.accounts import epochs
from bizosaas_app.services.accounts.sealed import seal, unseal
from models import ApiKey

Status = Literal["active", "expired", "revoked"]

PREFIX: Final = token_prefixes.API_KEY
_SECRET_BYTES: Final = 32
_HASH_CONTEXT: Final = b"api-key-at-rest:"


@dataclass(frozen=True, slots=True)
class KeyText:
    """The parts of a presented key."""

    tenant_id: UUID
    key_id: UUID
    secret: bytes


def parse(ring: PepperRing, text: str) -> KeyText | None:
    """Give the parts of the key, or None when we never made it: forged ones cost no query and nobody's quota."""
    payload = unseal(ring, PREFIX, text, length=32 + _SECRET_BYTES)
    if payload is None:
        return None
    return KeyText(UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), payload[32:])


def is_secret_of(ring: PepperRing, key: KeyText, secret_hash: str | None) -> bool:
    """Say whether the key's secret is the one that the row was made with."""
    pepper_id, _, digest = (secret_hash or "").partition("$")
    try:
        raw = base64.b64decode(digest, validate=True)
    except ValueError:
        return False
    return ring.verify(pepper_id, _HASH_CONTEXT + key.key_id.bytes + key.secret, raw)


async def create(
    session: AsyncSession,
    actor: Actor,
    ring: PepperRing,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Write a new key and give it with its text, which is shown now and never again.

    A key never holds more than its maker does: raises `InputInvalid` for the field `scopes`.
    """
    beyond = sorted(scope for scope in set(scopes) if scope not in actor.permissions)
    if beyond:
        raise InputInvalid({"scopes": f"You do not hold: {', '.join(beyond)}"})
    if expires_at is not None and expires_at <= now:
        raise InputInvalid({"expires_at": "Choose a time in the future"})
    key_id, secret = new_id(), secrets.token_bytes(_SECRET_BYTES)
    mac = ring.mac(_HASH_CONTEXT + key_id.bytes + secret)
    row = ApiKey(
        tenant_id=actor.tenant_id,
        id=key_id,
        name=name,
        secret_hash=f"{mac.key_id}${base64.b64encode(mac.digest).decode()}",
        scopes=sorted(set(scopes)),
        created_by=actor.user_id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    await audit.record(
        session, actor, action="api_keys.created", subject=f"api_key:{key_id}", detail={"scopes": row.scopes}
    )
    return row, seal(ring, PREFIX, actor.tenant_id.bytes + key_id.bytes + secret)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which keys: whose name has the words in it, and of a status as it is at `now`; all if nothing is named."""

    words: str
    status: Status | None
    now: datetime


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where a key that was never used stands in the order of the last use."""
_FOREVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Where a key without an end stands in the order of the ends."""
ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(ApiKey.created_at),
    "name": func.lower(col(ApiKey.name)),
    "last_used_at": func.coalesce(col(ApiKey.last_used_at), _NEVER),
    "expires_at": func.coalesce(col(ApiKey.expires_at), _FOREVER),
}
"""What the list of keys can be sorted by."""


async def read_sheet(session: AsyncSession, wanted: Wanted, asked: sheets.Asked) -> sheets.Sheet[ApiKey]:
    """Give a page of the keys, revoked ones included; raises `InputInvalid` for an unknown `sort`."""
    query = select(ApiKey)
    if wanted.words:
        query = query.where(sheets.containing(wanted.words, col(ApiKey.name)))
    is_over = and_(col(ApiKey.expires_at).is_not(None), col(ApiKey.expires_at) <= wanted.now)
    is_revoked = col(ApiKey.revoked_at).is_not(None)
    conditions = {"revoked": is_revoked, "expired": ~is_revoked & is_over, "active": ~is_revoked & ~is_over}
    if wanted.status is not None:
        query = query.where(conditions[wanted.status])
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(ApiKey.id))


async def revoke(session: AsyncSession, actor: Actor, *, key_id: UUID, now: datetime) -> None:
    """End a key; it is refused from the next request on. Raises `NotFound`."""
    row = (await session.exec(select(ApiKey).where(ApiKey.id == key_id).with_for_update())).one_or_none()
    if row is None or row.revoked_at is not None:
        raise NotFound
    row.revoked_at = now
    session.add(row)
    await audit.record(session, actor, action="api_keys.revoked", subject=f"api_key:{key_id}")
    await epochs.end(session, actor, "user", key_id)
