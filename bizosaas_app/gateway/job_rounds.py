"""Rounds: what the clock begins, over all tenants or once for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

import procrastinate
from sqlalchemy import text

from bizosaas_app.gateway import job_tries, metrics
from bizosaas_app.gateway.job_table import Common, Over, Periodic
from bizosaas_app.kernel import log as log_lines
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.departures import erasing
from bizosaas_app.services.jobs import queue

log = get_logger(__name__)

Round: TypeAlias = Callable[[datetime], Awaitable[None]]
"""Does all that is due by the moment."""


class RoundFailed(Exception):
    """A periodic round failed in some tenants; those are tried again."""


def tick(run: Round) -> Any:
    """Give the task of a tick, which runs the round for its moment."""

    async def begin(context: procrastinate.JobContext, timestamp: int) -> None:
        async with job_tries.giving_back(context.job):
            await _take_over(context.job)
            await run(datetime.fromtimestamp(timestamp, UTC))

    return begin


async def _take_over(job: procrastinate.jobs.Job) -> None:
    """Take the place of earlier ticks that are to be tried again: this one does all that is due by now."""
    if job.id is not None:
        async with resources().database.doors() as session:
            await queue.take_over(session, job.task_name, job.id)


def round_of(name: str, periodic: Periodic) -> Round:
    """Give the round over all tenants; the failure of one does not keep the others waiting.

    It raises `RoundFailed`.
    """

    async def run(moment: datetime) -> None:
        with metrics.job(f"round.{name}"):
            failed = [
                tenant_id
                for tenant_id in await _list_tenants(periodic.over)
                if not await _go(name, periodic, tenant_id, moment)
            ]
            if failed:
                raise RoundFailed(f"{name} failed in {len(failed)} tenants")

    return run


def common_of(name: str, common: Common) -> Round:
    """Give the round that is run once, for all tenants together."""

    async def run(moment: datetime) -> None:  # noqa: ARG001  # the tick
        with metrics.job(f"round.{name}"):
            await common.run()

    return run


async def _go(name: str, periodic: Periodic, tenant_id: UUID, moment: datetime) -> bool:
    """Run one tenant's round; says whether it went well."""
    actor = Actor.system(tenant_id)
    with log_lines.carrying(actor, round=name):
        try:
            with tracing.span(f"round {name}", spans_of(actor), kind="consumer"):
                await periodic.run(actor, moment)
        except Exception:
            log.exception("a periodic round failed and is tried again")
            return False
        return True


async def _list_tenants(over: Over) -> list[UUID]:
    async with resources().database.doors() as session:
        if over == "leaving":
            return await erasing.list_due(session)
        return [row[0] for row in await session.execute(text("select * from app.active_tenants()"))]


def spans_of(actor: Actor) -> dict[str, str]:
    """Give what the span of a job or a round says of whose work it is."""
    return {"bizosaas.tenant_id": str(actor.tenant_id), "bizosaas.request_id": actor.request_id}
