"""Epochs: how a change of rights is in force at the next request, on every worker.

A session record in Valkey carries the epochs of its user and its tenant as they were before it was read from
the database. Whoever changes rights gives the epoch a new value after the commit: no record from before counts
any more, not even one that a slow reader writes a moment later.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Final, Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.database import after_commit
from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services import outbox

Scope = Literal["user", "tenant"]

TOPIC: Final = "session"
_KEEP_SECONDS: Final = 3600
"""Far beyond the minute that a record lives; by then none from before the change is left."""


def epoch_key(tenant_id: UUID, scope: Scope, subject_id: UUID) -> str:
    """Name the epoch of a user or of the tenant itself."""
    return (
        Cache.key(tenant_id, "epoch", "tenant")
        if scope == "tenant"
        else Cache.key(tenant_id, "epoch", "user", subject_id)
    )


async def end(session: AsyncSession, actor: Actor, scope: Scope, subject_id: UUID) -> None:
    """Have every record of this user (or tenant) read anew once the transaction has been committed.

    The outbox row covers a crash between the commit and the new epoch.
    """
    await outbox.enqueue(session, actor, TOPIC, f"{scope}:{subject_id}", {})
    after_commit(session, partial(renew, actor.tenant_id, scope, subject_id))


async def begin(cache: Cache, tenant_id: UUID, scope: Scope, subject_id: UUID) -> None:
    """Give the epoch a new value, which is random: a counter would come back to an old one after a loss of Valkey."""
    await cache.client.set(epoch_key(tenant_id, scope, subject_id), secrets.token_hex(8), ex=_KEEP_SECONDS)


async def renew(tenant_id: UUID, scope: Scope, subject_id: UUID) -> None:
    """Begin a new epoch now; raises `Unavailable` when Valkey is away (no session is served then either)."""
    try:
        await begin(resources().cache, tenant_id, scope, subject_id)
    except CacheError as error:
        raise Unavailable("The change was saved and comes into force in a moment") from error
