"""Identities: devices, payment instruments and addresses that a referrer was seen with."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.gamification.fraud import addresses, emails, keyed
from models import ReferralIdentity, User

_KEY: Final = ("tenant_id", "user_id", "kind", "value")


async def remember(
    session: AsyncSession,
    actor: Actor,
    ring: PepperRing,
    user_id: UUID,
    *,
    device: str | None = None,
    payment: str | None = None,
    address: str | None = None,
    now: datetime,
) -> None:
    """Add what a member was just seen with to what is known of them; fingerprints become keyed hashes here."""
    email = (await session.exec(select(User.email).where(User.id == user_id))).one()
    seen = {
        "email": emails.canonical(email),
        "address": addresses.normal(address) if address else None,
        "device": next(iter(keyed.of_tenant(ring, actor.tenant_id, "device", device)), None),
        "payment": next(iter(keyed.of_tenant(ring, actor.tenant_id, "payment", payment)), None),
    }
    rows = [
        {"tenant_id": actor.tenant_id, "user_id": user_id, "kind": kind, "value": value}
        | {"first_seen_at": now, "last_seen_at": now}
        for kind, value in sorted(seen.items())
        if value
    ]
    statement = insert(ReferralIdentity).values(rows)
    again = {"last_seen_at": statement.excluded.last_seen_at}
    await session.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=again))


async def list_identities(session: AsyncSession, user_id: UUID) -> list[ReferralIdentity]:
    """List what is known of a member, the latest first."""
    query = (
        select(ReferralIdentity)
        .where(ReferralIdentity.user_id == user_id)
        .order_by(col(ReferralIdentity.last_seen_at).desc(), col(ReferralIdentity.kind))
        .limit(200)
    )
    return list((await session.exec(query)).all())
