"""The queue as a whole: how much waits and what has failed for good, by task; whose it is stays unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.jobs import queue

_WAITING: Final = text("""
SELECT count(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())),
    count(*) FILTER (WHERE status = 'doing')
FROM jobs.procrastinate_jobs WHERE status IN ('todo', 'doing')
""")
_FAILED: Final = text("""
SELECT j.task_name, count(DISTINCT j.id), max(e.at)
FROM jobs.procrastinate_jobs j JOIN jobs.procrastinate_events e ON e.job_id = j.id AND e.type = 'failed'
WHERE j.status = 'failed' GROUP BY j.task_name ORDER BY max(e.at) DESC LIMIT 20
""")
_QUEUES: Final = text("""
SELECT q.name,
    count(*) FILTER (WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())),
    count(*) FILTER (WHERE j.status = 'doing'),
    count(*) FILTER (WHERE j.status = 'failed'),
    coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, (
        SELECT min(e.at) FROM jobs.procrastinate_events e WHERE e.job_id = j.id
    ))) FILTER (WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()))), 0)
FROM unnest(CAST(:names AS text[])) AS q (name)
LEFT JOIN jobs.procrastinate_jobs j ON j.queue_name = q.name AND j.status IN ('todo', 'doing', 'failed')
GROUP BY q.name
""")


@dataclass(frozen=True, slots=True)
class FailedTask:
    """How many jobs of a task have failed, and when the last one did."""

    task: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs that are due and not begun, jobs at work, and those that failed within what the queue keeps."""

    waiting: int
    running: int
    failed: tuple[FailedTask, ...]


async def read(session: AsyncSession) -> Backlog:
    """Count the jobs of all tenants."""
    waiting, running = (await session.execute(_WAITING)).one()
    failed = await session.execute(_FAILED)
    return Backlog(waiting, running, tuple(FailedTask(*row) for row in failed))


@dataclass(frozen=True, slots=True)
class QueueBacklog:
    """One queue: its jobs that wait, are at work and have failed; and for how long the oldest that waits is due."""

    name: str
    waiting: int
    running: int
    failed: int
    oldest_seconds: float


async def read_queues(session: AsyncSession) -> list[QueueBacklog]:
    """Count the jobs of all tenants in each queue, empty ones too."""
    rows = await session.execute(_QUEUES, {"names": [queue.QUEUE, queue.AGENTS]})
    return [
        QueueBacklog(name, waiting, running, failed, float(oldest)) for name, waiting, running, failed, oldest in rows
    ]
