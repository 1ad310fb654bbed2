"""Runs: long work that a person has asked for, with its progress. It can be cancelled, and survives a restart.

The work is a task of the queue that calls `advance` after each part, in the part's own transaction: a restart finds
how far it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit, outbox
from bizosaas_app.services.jobs import queue
from models import JobRun

TOPIC: Final = "jobs"
"""Outbox topic of progress; the key is the run's id."""

SEE_ALL: Final = "manage_settings"
"""Who holds this sees everybody's runs."""


class RunEnded(Conflict):
    """What is over cannot be cancelled."""

    code = "run_ended"
    title = "This run has ended already"


async def start(
    session: AsyncSession,
    actor: Actor,
    task: str,
    *,
    title: str,
    arguments: Mapping[str, Any] | None = None,
    total: int | None = None,
    at: datetime | None = None,
) -> JobRun:
    """Leave the task to the queue as a run that can be watched; it is given `run_id` beside its own arguments."""
    run = JobRun(tenant_id=actor.tenant_id, kind=task, title=title, total=total, asked_by=actor.user_id)
    session.add(run)
    await session.flush()
    await queue.enqueue(session, actor, task, {**(arguments or {}), "run_id": str(run.id)}, at=at, lock=f"run/{run.id}")
    return run


async def go_on(session: AsyncSession, actor: Actor, task: str, arguments: Mapping[str, Any]) -> None:
    """Leave the rest of a run to a further job, behind all that waits; `arguments` are those that its task was given.

    A job that comes twice leaves one.
    """
    name = f"run/{arguments['run_id']}"
    await queue.enqueue(session, actor, task, arguments, lock=name, once=name)


async def advance(
    session: AsyncSession,
    actor: Actor,
    run_id: UUID,
    *,
    done: int | None = None,
    total: int | None = None,
    note: str | None = None,
) -> bool:
    """Say how far the run is; False when it is to stop here, because it was cancelled or has ended.

    A run that is to stop is written down as cancelled: the caller leaves the rest.
    """
    run = await _hold(session, run_id)
    if run.has_ended:
        return False
    if run.is_cancel_asked:
        await _end(session, actor, run, "cancelled")
        return False
    run.status = "running"
    run.done = run.done if done is None else done
    run.total = run.total if total is None else total
    run.note = run.note if note is None else note
    await _tell(session, actor, run)
    return True


async def finish(session: AsyncSession, actor: Actor, run_id: UUID, *, result: Mapping[str, Any] | None = None) -> None:
    """Write down that the run is done, with what came of it; one that has ended stays as it is."""
    run = await _hold(session, run_id)
    if not run.has_ended:
        run.result = dict(result or {})
        run.done = run.done if run.total is None else run.total
        await _end(session, actor, run, "done")


async def fail(session: AsyncSession, actor: Actor, run_id: UUID, *, reason: str) -> None:
    """Write down that the run has failed, in words for the person who asked for it."""
    run = await _hold(session, run_id)
    if not run.has_ended:
        run.failure = reason
        await _end(session, actor, run, "failed")


async def reopen(session: AsyncSession, actor: Actor, run_id: UUID) -> None:
    """Let a run that has failed go on where it was, because its job is tried again; any other stays as it is."""
    query = select(JobRun).where(JobRun.id == run_id, JobRun.status == "failed").with_for_update()
    run = (await session.exec(query)).one_or_none()
    if run is not None:
        run.status, run.failure, run.finished_at = "pending", None, None
        await _tell(session, actor, run)


async def cancel(session: AsyncSession, actor: Actor, run_id: UUID) -> JobRun:
    """Ask the run to stop: one that has not begun stops at once, another after its present part.

    Raises `NotFound`, or `RunEnded`.
    """
    await get_run(session, actor, run_id)
    run = await _hold(session, run_id)
    if run.has_ended:
        raise RunEnded
    run.is_cancel_asked = True
    await audit.record(session, actor, action="jobs.cancelled", subject=f"job_run:{run.id}")
    if run.status == "pending":
        await _end(session, actor, run, "cancelled")
    else:
        await _tell(session, actor, run)
    return run


async def get_run(session: AsyncSession, actor: Actor, run_id: UUID) -> JobRun:
    """Give a run that the member may see, or raise `NotFound`."""
    member_id = actor.member_id()
    run = (await session.exec(select(JobRun).where(JobRun.id == run_id))).one_or_none()
    if run is None or not (actor.can(SEE_ALL) or run.asked_by == member_id):
        raise NotFound("There is no such run")
    return run


async def list_runs(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    status: str | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> list[JobRun]:
    """List the runs that the member may see, of one status or all, newest first."""
    member_id = actor.member_id()
    query = select(JobRun).order_by(col(JobRun.created_at).desc(), col(JobRun.id).desc()).limit(limit)
    if not actor.can(SEE_ALL):
        query = query.where(col(JobRun.asked_by) == member_id)
    if status is not None:
        query = query.where(col(JobRun.status) == status)
    if after is not None:
        query = query.where(tuple_(col(JobRun.created_at), col(JobRun.id)) < after)
    return list((await session.exec(query)).all())


async def _hold(session: AsyncSession, run_id: UUID) -> JobRun:
    # Read anew: another transaction may have asked for a cancel since this one looked.
    query = select(JobRun).where(JobRun.id == run_id).with_for_update().execution_options(populate_existing=True)
    run = (await session.exec(query)).one_or_none()
    if run is None:
        raise NotFound("There is no such run")
    return run


async def _end(session: AsyncSession, actor: Actor, run: JobRun, status: str) -> None:
    run.status = status
    run.finished_at = utc_now()
    await _tell(session, actor, run)


async def _tell(session: AsyncSession, actor: Actor, run: JobRun) -> None:
    run.updated_at = utc_now()
    session.add(run)
    await session.flush()
    await outbox.enqueue(session, actor, TOPIC, str(run.id), {"run_id": str(run.id)})
