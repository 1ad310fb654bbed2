"""The queue: a job is written in the transaction that wants it, and runs only if that commits.

The queue itself is procrastinate's, in the schema `jobs` (see docs/adr/0008). A job may run twice after a crash, so
each is written to have its effect once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor

QUEUE: Final = "default"

_DEFER: Final = text("""
INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
VALUES (:queue, :task, 0, :lock, :queueing_lock, CAST(:args AS jsonb), :at)
ON CONFLICT DO NOTHING
""")


async def enqueue(
    session: AsyncSession,
    actor: Actor,
    task: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
) -> None:
    """Have the task of this name (`gateway/job_table.py`) run in the actor's tenant after the commit, or at `at`.

    Jobs of one `lock` run one after the other. While a job of the same `once` waits, no second one is added.
    Arguments are JSON and hold nothing secret.
    """
    scope = f"{actor.tenant_id}/"
    await session.execute(
        _DEFER,
        {
            "queue": QUEUE,
            "task": task,
            "lock": None if lock is None else scope + lock,
            "queueing_lock": None if once is None else scope + once,
            "args": json.dumps({"tenant_id": str(actor.tenant_id), "arguments": dict(arguments or {})}),
            "at": at,
        },
    )
