"""Jobs that have failed for good are tried again once whoever runs the platform has mended what stood in their way."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from bizosaas_app.gateway.contracts.platform import JobsRetried, RetryJobs
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.jobs import queue, retrying, runs
from bizosaas_app.services.jobs.retrying import FailedJob

RUN: Final = "access_platform"


@operation("platform.retry_jobs", permission=RUN)
async def retry_jobs(actor: Actor, command: RetryJobs) -> JobsRetried:
    """Begin the failed jobs of a task anew, some hundred at once, and with them the runs that failed; give how many."""
    async with resources().database.platform(actor) as session:
        found = await retrying.list_failed(session, command.task)
    begun = 0
    try:
        for job in found:
            begun += await _begin(actor, command.task, job)
    finally:  # what was begun before something failed is written down as well
        if begun:
            await _record(actor, command.task, begun)
    return JobsRetried(count=begun)


async def _record(actor: Actor, task: str, jobs: int) -> None:
    async with unit_of_work(actor) as session:
        detail = {"task": task, "jobs": jobs}
        await audit.record(session, actor, action="platform.jobs_retried", subject="jobs", detail=detail)


async def _begin(actor: Actor, task: str, job: FailedJob) -> bool:
    """Begin one anew, in the transaction that lets its run go on; False when it does not stand as failed any more."""
    order = queue.unseal(resources().peppers["job"], task, job.row)
    if order is None or "run_id" not in order.arguments:  # rounds have no order, and are of no tenant
        async with resources().database.doors() as session:
            return await retrying.begin(session, job)
    system = Actor.system(order.tenant_id, request_id=actor.request_id)
    async with unit_of_work(system) as session:
        is_begun = await retrying.begin(session, job)
        if is_begun:
            await runs.reopen(session, system, UUID(order.arguments["run_id"]))
        return is_begun
