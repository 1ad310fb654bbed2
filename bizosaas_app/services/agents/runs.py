"""Runs of agents as whoever asked for them sees them: asking, looking, stopping.

The work itself is a job (`services/agents/turns.py`); open pages are told of each step through the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import and_, col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, LimitReached, NotFound
from bizosaas_app.services import audit, outbox
from bizosaas_app.services.jobs import queue
from models import AgentProposal, AgentRun, AgentToolCall, ApiKey, User
from models.agent_runs import RUN_ENDED

TASK: Final = "agents.run"
TOPIC: Final = "agents"
"""Outbox topic of what runs and proposals do; the key is the run's id."""
SEE_ALL: Final = "manage_agents"
"""Who holds this sees everybody's runs."""
MOST_WAITING: Final = 200
"""Runs of a tenant that may wait for their turn: beyond it somebody's program has gone astray."""
_WAIT_SECONDS: Final = 30.0


class RunEnded(Conflict):
    """What is over cannot be cancelled."""

    code = "run_ended"
    title = "This run has ended already"


async def start(
    session: AsyncSession, actor: Actor, agent_id: str, given: Mapping[str, Any], *, now: datetime
) -> AgentRun:
    """Have the agent run with this checked input; raises `LimitReached` (`runs_waiting`) when too many wait."""
    waiting = select(func.count()).select_from(AgentRun).where(AgentRun.status == "queued")
    if (await session.exec(waiting)).one() >= MOST_WAITING:
        raise LimitReached(
            "Too many runs of your organisation wait for their turn",
            resets_in_seconds=_WAIT_SECONDS,
            code="runs_waiting",
        )
    run = AgentRun(
        tenant_id=actor.tenant_id,
        agent_id=agent_id,
        input=dict(given),
        asked_by=actor.user_id,
        api_key_id=actor.api_key_id,
        platform=actor.platform,
        trace_id=actor.request_id,
        created_at=now,
    )
    session.add(run)
    await session.flush()
    await audit.record(
        session, actor, action="agents.started", subject=f"agent_run:{run.id}", detail={"agent_id": agent_id}
    )
    await enqueue(session, actor, run.id)
    await tell(session, actor, run.id)
    return run


async def start_inside(
    session: AsyncSession, actor: Actor, agent_id: str, given: Mapping[str, Any], *, asked_by: UUID, now: datetime
) -> AgentRun:
    """Write down a run that is a part of other work, done at once by whoever does that; no job takes it up."""
    run = AgentRun(
        tenant_id=actor.tenant_id,
        agent_id=agent_id,
        is_inside=True,
        input=dict(given),
        asked_by=asked_by,
        platform=actor.platform,
        trace_id=actor.request_id,
        created_at=now,
    )
    session.add(run)
    await session.flush()
    return run


async def enqueue(session: AsyncSession, actor: Actor, run_id: UUID) -> None:
    """Have the run taken up by a worker; two jobs of one run never go on at once."""
    await queue.enqueue(session, actor, TASK, {"agent_run_id": str(run_id)}, lock=lock_of(run_id), to=queue.AGENTS)


def lock_of(run_id: UUID) -> str:
    """Give the queue's lock of a run."""
    return f"agent-run/{run_id}"


async def cancel(session: AsyncSession, actor: Actor, run_id: UUID, *, now: datetime) -> AgentRun:
    """Ask the run to stop: one that has not begun stops at once, another at its next step.

    Raises `NotFound`, or `RunEnded`.
    """
    await get_run(session, actor, run_id)
    run = await hold(session, run_id)
    if run.has_ended:
        raise RunEnded
    run.is_cancel_asked = True
    if run.status == "queued":
        run.status, run.finished_at = "cancelled", now
    session.add(run)
    await audit.record(session, actor, action="agents.cancelled", subject=f"agent_run:{run.id}")
    await tell(session, actor, run.id)
    return run


async def get_run(session: AsyncSession, actor: Actor, run_id: UUID) -> AgentRun:
    """Give a run that the actor may see, or raise `NotFound`."""
    run = (await session.exec(select(AgentRun).where(AgentRun.id == run_id))).one_or_none()
    if run is None or not (actor.can(SEE_ALL) or _is_own(actor, run)):
        raise NotFound("There is no such run")
    return run


async def has_ended(session: AsyncSession, run_id: UUID) -> bool:
    """Say whether the run is over, from its status alone: who waits for the end asks often, and inputs are large."""
    status = (await session.exec(select(AgentRun.status).where(AgentRun.id == run_id))).one_or_none()
    return status is None or status in RUN_ENDED


async def list_runs(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    agent_id: str | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> list[AgentRun]:
    """List the runs that the actor may see, newest first."""
    query = select(AgentRun).order_by(col(AgentRun.created_at).desc(), col(AgentRun.id).desc()).limit(limit)
    if not actor.can(SEE_ALL):
        own = (col(AgentRun.asked_by) == actor.user_id, col(AgentRun.api_key_id) == actor.api_key_id)
        query = query.where(own[0] if actor.user_id is not None else own[1])
    if agent_id is not None:
        query = query.where(AgentRun.agent_id == agent_id)
    if after is not None:
        query = query.where(tuple_(col(AgentRun.created_at), col(AgentRun.id)) < after)
    return list((await session.exec(query)).all())


async def name_askers(session: AsyncSession, shown: Collection[AgentRun]) -> dict[UUID, str]:
    """Give the name of the member or the API key that asked for each run."""
    members = {run.asked_by for run in shown if run.asked_by is not None}
    keys = {run.api_key_id for run in shown if run.api_key_id is not None}
    names: dict[UUID | None, str] = {}
    if members:
        names.update((await session.exec(select(User.id, User.name).where(col(User.id).in_(members)))).all())
    if keys:
        names.update((await session.exec(select(ApiKey.id, ApiKey.name).where(col(ApiKey.id).in_(keys)))).all())
    return {run.id: names.get(run.asked_by or run.api_key_id, "") for run in shown}


async def list_calls(session: AsyncSession, run_id: UUID) -> list[AgentToolCall]:
    """List the tool calls of a run in their order."""
    query = select(AgentToolCall).where(AgentToolCall.run_id == run_id).order_by(col(AgentToolCall.number))
    return list((await session.exec(query)).all())


async def list_proposals(session: AsyncSession, run_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """List the proposals of each of these runs."""
    query = select(AgentProposal.run_id, AgentProposal.id).where(col(AgentProposal.run_id).in_(run_ids))
    found: dict[UUID, list[UUID]] = {}
    for run_id, proposal_id in (await session.exec(query.order_by(col(AgentProposal.id)))).all():
        found.setdefault(run_id, []).append(proposal_id)
    return found


async def hold(session: AsyncSession, run_id: UUID) -> AgentRun:
    """Give the run as it is now, held until the transaction ends; raises `NotFound`."""
    query = select(AgentRun).where(and_(AgentRun.id == run_id)).with_for_update()
    run = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if run is None:
        raise NotFound("There is no such run")
    return run


async def tell(session: AsyncSession, actor: Actor, run_id: UUID) -> None:
    """Have open pages look at the run again after the commit."""
    await outbox.enqueue(session, actor, TOPIC, str(run_id), {"run_id": str(run_id)})


def _is_own(actor: Actor, run: AgentRun) -> bool:
    if actor.user_id is not None:
        return run.asked_by == actor.user_id
    return actor.api_key_id is not None and run.api_key_id == actor.api_key_id
