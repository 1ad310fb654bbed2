"""Tries of a job: when a failed one is tried again, when it has failed for good, and what does not count as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import procrastinate

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.jobs import queue

log = get_logger(__name__)

TRIES: Final = 8
"""After 3, 9, 27 ... seconds: the last try is about an hour after the first."""
_FIRST_PAUSE_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Retry(procrastinate.BaseRetryStrategy):
    """When a job is tried again: later each time, and after its last try no more: then it stays as failed."""

    priority: int | None = None
    """Of the further tries, if another than the first one's: what is less urgent waits behind the rest of its lock."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        """Give when, or None for a job that has failed for good."""
        pause = _FIRST_PAUSE_SECONDS ** (job.attempts + 1)
        if isinstance(exception, asyncio.CancelledError):
            pause = _FIRST_PAUSE_SECONDS  # its process ends: that is no failure of its own, whichever try it is
        elif is_last(job):
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": pause}, priority=self.priority)


RETRY: Final = Retry()
RETRY_OF_ROUNDS: Final = Retry(priority=-1)
"""A tick waits for no earlier one that is to be tried again: what failed in one tenant is due in all others.

It takes the earlier one's place (`job_rounds.tick`), so that at most one waits of a round that keeps failing.
"""


def is_last(job: procrastinate.jobs.Job) -> bool:
    """Say whether there is no try after the present one."""
    return job.attempts + 1 >= TRIES


@asynccontextmanager
async def giving_back(job: procrastinate.jobs.Job) -> AsyncIterator[None]:
    """Let a job whose process ends keep its try; the queue counts each time that it is left for later."""
    try:
        yield
    except asyncio.CancelledError:
        await _give_back(job)
        raise


async def _give_back(job: procrastinate.jobs.Job) -> None:
    if job.id is None:
        return
    try:
        async with resources().database.doors() as session:
            await queue.give_back(session, job.id)
    except Exception:
        log.exception("a job that was broken off has lost a try")
