"""Askers: who a run acts for, as they are when it begins, not as they were when they asked.

A run that waited may belong to somebody who was suspended meanwhile, or holds less. It acts for the member or the
API key of its row, never as the system, which no permission guards.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.accounts import session_records
from models import AgentRun, Membership, Tenant, User


async def find(session: AsyncSession, run: AgentRun, *, now: datetime) -> Actor | None:
    """Give the run's asker with the present role and permissions, or None when they may not act any more."""
    if run.api_key_id is not None:
        return await _find_key(session, run, now=now)
    return await _find_member(session, run)


async def _find_member(session: AsyncSession, run: AgentRun) -> Actor | None:
    found = (
        await session.execute(
            select(User, Membership, Tenant, session_records.permissions_of_member())
            .join(Membership, col(Membership.user_id) == User.id)
            .join(Tenant, col(Tenant.id) == User.tenant_id)
            .where(col(User.id) == run.asked_by)
        )
    ).one_or_none()
    if found is None:
        return None
    user, membership, tenant, permissions = found
    if not user.is_active or not tenant.is_active:
        return None
    return Actor(
        tenant_id=run.tenant_id,
        tenant_slug=tenant.slug,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=membership.role_key,
        permissions=frozenset(permissions),
        platform=run.platform if run.platform in membership.platforms else membership.platforms[0],
        allowed_platforms=tuple(membership.platforms),
        channel="http",
        request_id=run.trace_id,
    )


async def _find_key(session: AsyncSession, run: AgentRun, *, now: datetime) -> Actor | None:
    record = await session_records.find_api_key(session, run.api_key_id, now=now) if run.api_key_id else None
    if record is None:
        return None
    return Actor(
        tenant_id=run.tenant_id,
        tenant_slug=record.tenant_slug,
        api_key_id=run.api_key_id,
        name=record.name,
        role=record.role,
        permissions=record.permissions,
        platform=record.platform,
        allowed_platforms=record.platforms,
        channel="http",
        request_id=run.trace_id,
    )
