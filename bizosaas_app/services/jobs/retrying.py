"""Retrying: jobs that have failed for good, begun anew with all their tries because a person says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

AT_ONCE: Final = 500
"""Jobs of one call; what is over that waits for the next one."""

_LIST: Final = text("""
SELECT id, args FROM jobs.procrastinate_jobs WHERE task_name = :task AND status = 'failed' ORDER BY id LIMIT :limit
""")
_BEGIN: Final = text("""
UPDATE jobs.procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, queueing_lock = NULL
WHERE id = :id AND status = 'failed' RETURNING id
""")
"""Without the name of its `once`: one of the name may wait already."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that is not tried any more, and its row of arguments as `queue.unseal` reads it."""

    id: int
    row: Mapping[str, Any]


async def list_failed(session: AsyncSession, task: str) -> list[FailedJob]:
    """List the failed jobs of a task over all tenants, oldest first, `AT_ONCE` at most."""
    found = await session.execute(_LIST, {"task": task, "limit": AT_ONCE})
    return [FailedJob(*row) for row in found]


async def begin(session: AsyncSession, job: FailedJob) -> bool:
    """Have a job tried again; False for one that somebody else has begun anew meanwhile, or that was forgotten."""
    return (await session.execute(_BEGIN, {"id": job.id})).one_or_none() is not None
