"""The rescue: what a worker had begun when it died is taken up by those that live.

It is no job itself: one that died while it held the queue's lock could not be taken up by another of its kind.
"""

from __future__ import annotations

import asyncio
from typing import Final

import procrastinate
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy import text

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources

log = get_logger(__name__)

_LONGEST_BEAT_SECONDS: Final = 10
"""`gateway/health.py` looks back for a minute."""
_TAKE_TURN: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('jobs.rescue', 0))")


def beat(lease_seconds: int) -> int:
    """Say how often, in seconds, a worker tells that it lives, and looks whether others do."""
    return min(lease_seconds // 6 or 1, _LONGEST_BEAT_SECONDS)


async def keep_watch(app: procrastinate.App, lease_seconds: int) -> None:
    """Rescue for ever, from now on and at every beat."""
    while True:
        try:
            await rescue(app, lease_seconds)
        except Exception:
            log.exception("the jobs of dead workers could not be looked for")
        await asyncio.sleep(beat(lease_seconds))


async def rescue(app: procrastinate.App, lease_seconds: int) -> None:
    """Take up the jobs of workers that were not heard of for the lease; one process at a time does so.

    Two at once could take a job up that the other has taken up, and somebody begun, a moment before.
    """
    async with resources().database.doors() as session:
        if (await session.execute(_TAKE_TURN)).scalar_one():
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=lease_seconds):
                await _take_up(app, job)


async def _take_up(app: procrastinate.App, job: Job) -> None:
    log.warning("a job of a dead worker is taken up again", task=job.task_name, job=job.id)
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # Its like waits already, for the lock that this one holds: it does the work of both.
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
