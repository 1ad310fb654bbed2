"""The job that runs an agent: begins the run, rebuilds who asked for it, hands it to the runtime, writes down its end.

The runtime does not raise for what a run can meet; what it raises all the same is a bug, and ends the run as failed.
Only a worker that dies leaves a run as it is: then it is taken up again (`services/agents/turns.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import agent_actions, agent_views, metrics, ports
from bizosaas_app.gateway.agent_bells import bell_of
from bizosaas_app.gateway.agent_keeper import RunKeeper
from bizosaas_app.gateway.ports import AgentRunner, RunOrder, RunReport, Usage
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, NotPermitted
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import askers, runs, turns
from bizosaas_app.services.agents.turns import Superseded
from bizosaas_app.services.tenants import records
from models import AgentRun

log = get_logger(__name__)

PERMISSION: Final = "use_agents"
LONGEST_SECONDS: Final = 660.0
"""The longest limit of an agent is 600 s; a runtime that is not done a minute later hangs."""
INTERRUPTED: Final = "interrupted"
"""The code of a run that the runtime gives up because its process ends."""
_SEEDS: Final = 2**31
_OUR_FAULT: Final = "Something went wrong on our side. We have been told; please try again later."
_NOT_PERMITTED: Final = "You may not run this agent any more"


class RunInterrupted(Exception):
    """The process ends before the run does: another one begins it anew."""


async def run(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Do the run that the job names, if it is still to be done; `actor` is the system of the run's tenant."""
    run_id = UUID(arguments["agent_run_id"])
    runner = ports.agents()
    async with unit_of_work(actor) as session:
        row = await turns.begin(session, actor, run_id, now=utc_now())
        if row is None:
            return
        order = await _order(session, actor, row)
    report = await _do(runner, actor, row, order)
    if report.code == INTERRUPTED:
        raise RunInterrupted  # the job is tried again, elsewhere if this process ends
    for end in (report, report, _failed("internal_error", _OUR_FAULT)):
        try:
            await _end(actor, row, end)
        except Exception:
            log.exception("the end of an agent's run could not be kept", agent=row.agent_id, run_id=str(run_id))
        else:
            return
    raise RunInterrupted


async def run_inside(actor: Actor, agent_id: str, given: Mapping[str, Any], *, asked_by: UUID, seed: int) -> RunReport:
    """Do a run at once, as a part of a job of ours, for a member: with their rights, on the tenant's budget, as a row.

    A run for which no place is free is not done, and says so. Raises `Unavailable` where no agents are served.
    """
    runner = ports.agents()
    checked = runner.check(agent_id, given)
    async with unit_of_work(actor) as session:
        started = await runs.start_inside(session, actor, agent_id, checked, asked_by=asked_by, now=utc_now())
        row = await turns.begin(session, actor, started.id, now=utc_now())
        if row is None:
            await runs.cancel(session, actor, started.id, now=utc_now())
            return _failed("runs_waiting", "Other runs of the organisation go on")
        order = await _order(session, actor, row)
    try:
        report = await _do(runner, actor, row, replace(order, seed=seed) if order else None)
    except Exception:
        log.exception("an agent's run failed by a bug", agent=agent_id, run_id=str(row.id))
        report = _failed("internal_error", _OUR_FAULT)
    await _end(actor, row, report)
    return report


async def _order(session: AsyncSession, actor: Actor, row: AgentRun) -> RunOrder | None:
    """Give what is to be done, for the asker as they are now; None when they may not act any more."""
    asker = await askers.find(session, row, now=utc_now())
    if asker is None:
        return None
    tenant = await records.get_tenant(session, actor.tenant_id)
    seed = row.id.int % _SEEDS
    return RunOrder(row.id, row.agent_id, asker, row.input, seed, tenant.timezone, tenant.currency)


async def _do(runner: AgentRunner, actor: Actor, row: AgentRun, order: RunOrder | None) -> RunReport:
    """Run it, if its asker still may."""
    try:
        needed = (PERMISSION, runner.permission(row.agent_id))
        if order is None or not all(map(order.actor.can, needed)):
            return _failed(NotPermitted.code, _NOT_PERMITTED)
        with bell_of(actor.tenant_id, row.id) as bell:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await runner.run(order, RunKeeper(actor, row, bell))
    except TimeoutError:
        return _failed("limit_seconds", "The run took longer than any run may")
    except AppError as error:
        return _failed(error.code, error.message)
    except Exception:
        log.exception("an agent's run failed by a bug", agent=row.agent_id, run_id=str(row.id))
        return _failed("internal_error", _OUR_FAULT)


async def _end(actor: Actor, row: AgentRun, report: RunReport) -> None:
    """Write down how the run ended, unless it was taken out of our hands."""
    now = utc_now()
    try:
        async with unit_of_work(actor) as session:
            held = await turns.hold_to_end(session, actor, row.id, row.tries)
            held.engine, held.usage = report.engine or None, agent_views.usage_document(report.usage)
            if report.status == "succeeded":
                drafts = [agent_actions.draft(proposed) for proposed in report.proposals]
                await turns.succeed(session, actor, held, output=report.output or {}, proposed=drafts, now=now)
            elif report.status == "cancelled":
                await turns.end(session, actor, held, "cancelled", now=now)
            else:
                code, message = report.code or "failed", report.message or "The run failed"
                await turns.fail(session, actor, held, code=code, message=message, now=now)
    except Superseded:
        log.warning("a run's late end is left out", run_id=str(row.id), status=report.status)
        return
    metrics.AGENT_RUNS.labels(row.agent_id, report.status).inc()
    metrics.AGENT_TOKENS.labels(row.agent_id, "in").inc(report.usage.prompt_tokens)
    metrics.AGENT_TOKENS.labels(row.agent_id, "out").inc(report.usage.completion_tokens)
    metrics.AGENT_COST.labels(row.agent_id).inc(float(report.usage.cost_usd))


def _failed(code: str, message: str) -> RunReport:
    return RunReport(status="failed", engine="", usage=Usage(), code=code, message=message)
