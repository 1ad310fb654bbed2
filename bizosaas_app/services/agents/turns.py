"""Turns: a run between its begin and its end, as the worker that does it writes it down.

A tenant has so many runs at once as its budget says; the others wait, and each end lets the next one begin. A run
whose worker died is begun anew, once. Every write names the try that it belongs to: what a worker still writes after
another one has taken the run over is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.agents import budgets, documents, proposals, runs
from bizosaas_app.services.agents.proposals import Draft
from bizosaas_app.services.jobs import queue
from models import AgentRun, AgentToolCall

TRIES: Final = 2
"""How often a run is begun before its breaking off is taken for its own fault."""
INTERRUPTED: Final = "The run broke off twice before its end"
BROKEN_OFF: Final = "The run broke off with the work that it was a part of"
INSIDE_AT_MOST: Final = timedelta(minutes=12)
"""A run that is a part of other work is over by then: none may take longer than eleven minutes."""
_LONGEST_NOTE: Final = 300
_LONGEST_MESSAGE: Final = 1000

_TAKE_TURNS: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class Superseded(Exception):
    """The run has ended, or another worker has taken it over: this try writes nothing any more."""


async def begin(session: AsyncSession, actor: Actor, run_id: UUID, *, now: datetime) -> AgentRun | None:
    """Begin the run and give it; None when it has ended, or waits until another one of the tenant ends.

    A run that stands as running had a worker that died: two jobs of one run never go on at once.
    """
    await take(session, actor)
    run = await runs.hold(session, run_id)
    if run.has_ended:
        return None
    if run.status == "running":
        return await _begin_again(session, actor, run, now=now)
    if await _count_free(session, actor, now=now) < 1:
        return None
    run.status, run.started_at, run.tries = "running", now, 1
    await _write(session, actor, run)
    return run


async def note(session: AsyncSession, actor: Actor, run_id: UUID, number: int, words: str) -> AgentRun:
    """Say what try `number` of the run does now, and give the run; raises `Superseded`."""
    run = await hold(session, run_id, number)
    run.note = documents.line(words, _LONGEST_NOTE)
    await _write(session, actor, run)
    return run


async def keep_call(
    session: AsyncSession, actor: Actor, run_id: UUID, number: int, call: Mapping[str, Any]
) -> AgentRun:
    """Keep a tool call (the columns of `AgentToolCall`), and give the run; raises `Superseded`."""
    run = await hold(session, run_id, number)
    values = {name: documents.keepable(value) for name, value in call.items()}
    session.add(AgentToolCall(tenant_id=actor.tenant_id, run_id=run_id, **values))
    await _write(session, actor, run)
    return run


async def is_to_stop(session: AsyncSession, run_id: UUID, number: int) -> bool:
    """Say whether try `number` is to stop: somebody asked for it, or it is over."""
    run = (await session.exec(select(AgentRun).where(AgentRun.id == run_id))).one()
    return run.is_cancel_asked or run.has_ended or run.tries != number


async def hold(session: AsyncSession, run_id: UUID, number: int) -> AgentRun:
    """Give the run, held, if try `number` is the one that goes on; raises `Superseded`."""
    run = await runs.hold(session, run_id)
    if run.status != "running" or run.tries != number:
        raise Superseded
    return run


async def hold_to_end(session: AsyncSession, actor: Actor, run_id: UUID, number: int) -> AgentRun:
    """Give the run as `hold` does, for its end: turns are taken before rows, here as in `begin`."""
    await take(session, actor)
    return await hold(session, run_id, number)


async def succeed(
    session: AsyncSession,
    actor: Actor,
    run: AgentRun,
    *,
    output: Mapping[str, Any],
    proposed: Sequence[Draft],
    now: datetime,
) -> None:
    """End the run (from `hold_to_end`) well, with its output and what it proposes."""
    run.output = documents.keepable(output)
    await proposals.keep(session, actor, run, proposed, now=now)
    await end(session, actor, run, "succeeded", now=now)


async def fail(session: AsyncSession, actor: Actor, run: AgentRun, *, code: str, message: str, now: datetime) -> None:
    """End the run (from `hold_to_end`) as failed, with a code and words for whoever asked for it."""
    run.error_code, run.error_message = code, documents.line(message, _LONGEST_MESSAGE)
    await end(session, actor, run, "failed", now=now)


async def end(
    session: AsyncSession,
    actor: Actor,
    run: AgentRun,
    status: Literal["succeeded", "failed", "cancelled"],
    *,
    now: datetime,
) -> None:
    """End the run (from `hold_to_end`), count what it has open as used, and let the next one begin."""
    run.status, run.finished_at, run.note = status, now, ""
    budgets.close(run)
    await _write(session, actor, run)
    await wake(session, actor, now=now)


async def wake(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    """Have the oldest waiting runs of the tenant taken up, as many as may begin."""
    await take(session, actor)
    free = await _count_free(session, actor, now=now)
    query = select(AgentRun.id).where(AgentRun.status == "queued").order_by(col(AgentRun.created_at), col(AgentRun.id))
    for run_id in (await session.exec(query.limit(max(0, free)))).all():
        if not await queue.is_open(session, actor, runs.lock_of(run_id), with_begun=False):
            await runs.enqueue(session, actor, run_id)


async def recover(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    """Have taken up what no job stands for any more: begun runs whose job has failed for good, and waiting ones.

    A run that is a part of other work never has a job: it goes on for its time, and then its process has died.
    """
    await take(session, actor)
    for run in (await session.exec(select(AgentRun).where(AgentRun.status == "running").with_for_update())).all():
        if run.is_inside:
            if run.started_at is None or run.started_at <= now - INSIDE_AT_MOST:
                await fail(session, actor, run, code="interrupted", message=BROKEN_OFF, now=now)
        elif not await queue.is_open(session, actor, runs.lock_of(run.id), with_begun=True):
            await runs.enqueue(session, actor, run.id)
    await wake(session, actor, now=now)


async def _begin_again(session: AsyncSession, actor: Actor, run: AgentRun, *, now: datetime) -> AgentRun | None:
    budgets.close(run)
    if run.is_cancel_asked:
        await end(session, actor, run, "cancelled", now=now)
        return None
    if run.tries >= TRIES:
        await fail(session, actor, run, code="interrupted", message=INTERRUPTED, now=now)
        return None
    await session.exec(delete(AgentToolCall).where(col(AgentToolCall.run_id) == run.id))
    run.tries += 1
    run.note = "Begun anew"
    await _write(session, actor, run)
    return run


async def take(session: AsyncSession, actor: Actor) -> None:
    """Let the begins and ends of a tenant's runs go one after the other: two must not take the last free place.

    Whoever writes the tenant's budget as well takes turns before that row: all take the two in this order.
    """
    await session.execute(_TAKE_TURNS, {"name": f"agent-runs:{actor.tenant_id}"})


async def _count_free(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    query = select(func.count()).select_from(AgentRun).where(AgentRun.status == "running")
    return (await budgets.get(session, actor, now=now)).runs_at_once - (await session.exec(query)).one()


async def _write(session: AsyncSession, actor: Actor, run: AgentRun) -> None:
    session.add(run)
    await session.flush()
    await runs.tell(session, actor, run.id)
