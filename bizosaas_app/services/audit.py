"""The audit log: who did what to what, never changed by the application and kept for `BIZOSAAS_AUDIT_DAYS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from models import AuditEntry

Outcome = Literal["ok", "refused", "failed", "unknown"]


async def record(
    session: AsyncSession,
    actor: Actor,
    *,
    action: str,
    subject: str = "",
    outcome: Outcome = "ok",
    detail: Mapping[str, Any] | None = None,
    user_id: UUID | None = None,
    entry_id: UUID | None = None,
) -> None:
    """Write one entry in the transaction of the act itself, so that neither stands without the other.

    `subject` is `kind:id`; `detail` holds no secret. `user_id` names who acted where the actor cannot know it
    yet (a sign-in). `entry_id` is for who may have to write the same entry again, and then has an `IntegrityError`
    where it stands, and for what `begin` has announced. The outcome `unknown` is for an end that tells no more than
    that: another entry may name it later, of an id that this one keeps for it.
    """
    entry = _entry(actor, action, subject, detail)
    entry.id, entry.outcome = entry_id or entry.id, outcome
    entry.outcome_id = new_id() if outcome == "unknown" else None
    entry.actor_user_id = user_id or actor.user_id
    session.add(entry)
    await session.flush()


async def begin(
    session: AsyncSession, actor: Actor, *, action: str, subject: str, detail: Mapping[str, Any], outcome_id: UUID
) -> None:
    """Write down what is about to be done where no transaction of ours reaches; to be committed before it is done.

    Its outcome is unknown until the entry `outcome_id` tells it: entries are never changed.
    """
    entry = _entry(actor, action, subject, detail)
    entry.outcome, entry.outcome_id = "unknown", outcome_id
    session.add(entry)
    await session.flush()


def _entry(actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None) -> AuditEntry:
    return AuditEntry(
        id=new_id(),
        tenant_id=actor.tenant_id,
        actor_user_id=actor.user_id,
        channel=actor.channel,
        action=action,
        subject=subject,
        detail=_detail(actor, detail),
        address=actor.address,
        request_id=actor.request_id,
    )


def _detail(actor: Actor, detail: Mapping[str, Any] | None) -> dict[str, Any]:
    """Add which API key acted: such an actor has no user to name."""
    key = {"api_key_id": str(actor.api_key_id)} if actor.api_key_id else {}
    return {**(detail or {}), **key}
