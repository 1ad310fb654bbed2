"""The runner: takes jobs from the queue in each worker process, and lets the clock begin what is periodic.

procrastinate keeps the queue in PostgreSQL (docs/adr/0008): one worker takes a job at a time, a tick is deferred once
over all workers, and what a dead worker left behind is taken up again by the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import procrastinate
from sqlalchemy import make_url

from bizosaas_app.gateway import job_rescue, job_rounds, job_tries, metrics
from bizosaas_app.gateway.job_table import AGENT_TASKS, COMMON, PERIODIC, TASKS, Task
from bizosaas_app.kernel import log as log_lines
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import Resources, resources, unit_of_work
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services.jobs import queue, runs

log = get_logger(__name__)

AT_ONCE: Final = 2
"""Jobs of one process at the same time: they share its event loop with everybody's requests."""
AGENTS_AT_ONCE: Final = 8
"""Runs of agents of one process at the same time: they wait for models, or compute in threads of their own."""
_FORGET: Final = "jobs.forget"
_KEPT_HOURS: Final = 24 * 14
"""A job that failed for good stays so long, to be looked at."""
_PAUSE_SECONDS: Final = 5.0
_OUR_FAULT: Final = "Something went wrong on our side. We have been told; please try again later."
_LEAVE_SECONDS: Final = 4.0
"""How long a job may go on when its process ends; then it is given up, and taken up again elsewhere."""


def build_app(held: Resources, *, with_clock: bool = True) -> procrastinate.App:
    """Give the queue with every task and every round of the tables; not opened yet.

    Without the clock no round begins by itself.
    """
    url = make_url(held.urls.app).set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(
        conninfo=url,
        kwargs={"options": "-c search_path=jobs -c application_name=bizosaas-jobs"},
        min_size=1,
        max_size=3,
    )
    app = procrastinate.App(connector=connector)
    for queue_name, tasks in ((queue.QUEUE, TASKS), (queue.AGENTS, AGENT_TASKS)):
        for name, task in tasks.items():
            app.task(name=name, queue=queue_name, retry=job_tries.RETRY, pass_context=True)(_task(name, task))
    rounds = {name: (job_rounds.round_of(name, periodic), periodic.cron) for name, periodic in PERIODIC.items()}
    rounds |= {name: (job_rounds.common_of(name, common), common.cron) for name, common in COMMON.items()}
    ticks: dict[Any, str] = {}
    for name, (run, cron) in rounds.items():
        task_of = app.task(
            name=f"round.{name}",
            queue=queue.QUEUE,
            retry=job_tries.RETRY_OF_ROUNDS,
            lock=f"round/{name}",
            pass_context=True,
        )
        ticks[task_of(job_rounds.tick(run))] = cron
    ticks[app.task(name=_FORGET, queue=queue.QUEUE, queueing_lock=_FORGET)(_forget(app))] = "23 * * * *"
    if with_clock:
        for tick, cron in ticks.items():
            app.periodic(cron=cron)(tick)
    return app


async def run_waiting(held: Resources, *, at_once: int = 1) -> None:
    """Run every job that is due now, and those that come of them, in this task; for commands and tests."""
    app = build_app(held, with_clock=False)
    async with app.open_async():
        await app.run_worker_async(
            queues=[queue.QUEUE, queue.AGENTS],
            wait=False,
            concurrency=at_once,
            listen_notify=False,
            install_signal_handlers=False,
            delete_jobs="successful",
        )


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Run this process's workers, one for each queue, for as long as the block lasts."""
    tasks = (
        asyncio.create_task(_work(resources(), queue.QUEUE, AT_ONCE, with_clock=True), name="jobs"),
        asyncio.create_task(_work(resources(), queue.AGENTS, AGENTS_AT_ONCE, with_clock=False), name="agents' jobs"),
    )
    try:
        yield
    finally:
        await end(*tasks)


async def _work(held: Resources, queue_name: str, at_once: int, *, with_clock: bool) -> None:
    """Work for ever: a worker that lost the database begins anew a little later."""
    while True:
        app = build_app(held, with_clock=with_clock)
        try:
            async with app.open_async(), _rescuing(app, held.settings.job_lease_seconds):
                await _run_worker(app, queue_name, at_once, held.settings.job_lease_seconds)
        except Exception:
            log.exception("the worker of the jobs failed and begins anew")
        await asyncio.sleep(_PAUSE_SECONDS)


@asynccontextmanager
async def _rescuing(app: procrastinate.App, lease_seconds: int) -> AsyncIterator[None]:
    """Look after the jobs of dead workers for as long as the block lasts."""
    task = asyncio.create_task(job_rescue.keep_watch(app, lease_seconds), name="jobs' rescue")
    try:
        yield
    finally:
        await end(task)


async def _run_worker(app: procrastinate.App, queue_name: str, at_once: int, lease_seconds: int) -> None:
    await app.run_worker_async(
        queues=[queue_name],
        concurrency=at_once,
        install_signal_handlers=False,
        delete_jobs="successful",
        update_heartbeat_interval=job_rescue.beat(lease_seconds),
        stalled_worker_timeout=lease_seconds,
        shutdown_graceful_timeout=_LEAVE_SECONDS,
    )


def _task(name: str, task: Task) -> Any:
    async def run(context: procrastinate.JobContext, **row: Any) -> None:
        order = queue.unseal(resources().peppers["job"], name, row)
        if order is None:
            log.error("a job that is not genuine is left out", task=name)
            return
        actor = Actor.system(order.tenant_id, request_id=order.request_id)
        with log_lines.carrying(actor, task=name, job_id=str(context.job.id)):
            async with job_tries.giving_back(context.job):
                await _run_task(name, task, actor, order, context.job)

    return run


async def _run_task(name: str, task: Task, actor: Actor, order: queue.Order, job: procrastinate.jobs.Job) -> None:
    try:
        with (
            tracing.following(f"job {name}", job_rounds.spans_of(actor), traceparent=order.traceparent),
            metrics.job(name),
        ):
            await task(actor, order.arguments)
    except AppError as error:
        if error.retryable:
            await _fail_try(actor, order, job, error.message)
            raise
        log.warning("a job was refused", code=error.code)
        await _end_run(actor, order.arguments, error.message)
    except Exception:
        await _fail_try(actor, order, job, _OUR_FAULT)
        raise


async def _fail_try(actor: Actor, order: queue.Order, job: procrastinate.jobs.Job, reason: str) -> None:
    """Make ready for the next try, or after the last one tell whoever watches; the job itself stays as failed then."""
    if job_tries.is_last(job):
        await _end_run(actor, order.arguments, reason)
    else:
        await _make_way(job)


async def _make_way(job: procrastinate.jobs.Job) -> None:
    """Let a job that is to be tried again wait beside one of its name that was left meanwhile."""
    if job.queueing_lock is not None and job.id is not None:
        async with resources().database.doors() as session:
            await queue.make_way(session, job.id)


async def _end_run(actor: Actor, arguments: Mapping[str, Any], reason: str) -> None:
    """Tell whoever watches the run that it has failed for good."""
    if "run_id" in arguments:
        async with unit_of_work(actor) as session:
            await runs.fail(session, actor, UUID(arguments["run_id"]), reason=reason)


def _forget(app: procrastinate.App) -> Any:
    async def run(timestamp: int) -> None:  # noqa: ARG001  # the tick
        """Delete what has failed long ago."""
        await app.job_manager.delete_old_jobs(nb_hours=_KEPT_HOURS, include_failed=True, include_cancelled=True)

    return run
