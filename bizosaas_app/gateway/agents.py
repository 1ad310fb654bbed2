"""The agents' operations: the catalogue, and the runs of it."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator
from typing import Final
from uuid import UUID

from bizosaas_app.gateway import agent_views, cursors, live, ports
from bizosaas_app.gateway.agent_bells import Bell, bell_of
from bizosaas_app.gateway.contracts.agents import (
    AgentCard,
    AgentRunLine,
    AgentRunView,
    AgentView,
    ListAgentRuns,
    ListAgents,
    ReadAgent,
    RunId,
    StartRun,
)
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import documents, runs

USE: Final = "use_agents"
MANAGE: Final = "manage_agents"
SEE_CATALOGUE: Final = (MANAGE, "access_platform")
"""Either lets one read the catalogue without running it."""
ENDED: Final = ("succeeded", "failed", "cancelled")


@operation("agents.list", permission=USE, also=SEE_CATALOGUE)
async def list_agents(actor: Actor, command: ListAgents) -> Page[AgentCard]:  # noqa: ARG001  # the same for all
    """List the catalogue in its order."""
    cards = [card for card in ports.agents().cards() if command.area in (None, card.area)]
    begin = _place_after(command.cursor, cards)
    page = cards[begin : begin + command.limit]
    has_more = begin + len(page) < len(cards)
    return Page[AgentCard](items=page, next_cursor=_cursor_after(page[-1].id) if has_more else None)


@operation("agents.read", permission=USE, also=SEE_CATALOGUE)
async def read_agent(actor: Actor, command: ReadAgent) -> AgentView:  # noqa: ARG001  # the same for all
    """Describe an agent; raises `NotFound`."""
    return ports.agents().describe(command.agent_id)


@operation("agents.start", permission=USE)
async def start_run(actor: Actor, command: StartRun) -> AgentRunView:
    """Have an agent run, and wait for its end as long as the command says.

    Raises `NotFound`, `NotPermitted` for an agent that asks for more than the actor holds, or `InputInvalid`.
    """
    runner = ports.agents()
    actor.require(runner.permission(command.agent_id))
    given = runner.check(command.agent_id, command.input)
    documents.refuse_unkeepable(given, "input")
    async with unit_of_work(actor) as session:
        run = await runs.start(session, actor, command.agent_id, given, now=utc_now())
    with bell_of(actor.tenant_id, run.id) as bell:
        return await _wait_for_end(actor, run.id, bell, command.wait)


@operation("agents.read_run", permission=USE, also=(MANAGE,))
async def read_run(actor: Actor, command: RunId) -> AgentRunView:
    """Give one run; raises `NotFound` for somebody else's."""
    return await _read(actor, command.run_id)


@operation("agents.list_runs", permission=USE, also=(MANAGE,))
async def list_runs(actor: Actor, command: ListAgentRuns) -> Page[AgentRunLine]:
    """List one's own runs, newest first; who manages agents sees everybody's."""
    after = cursors.decode(command.cursor)
    async with unit_of_work(actor) as session:
        rows = await runs.list_runs(session, actor, limit=command.limit + 1, agent_id=command.agent_id, after=after)
        shown = rows[: command.limit]
        proposals = await runs.list_proposals(session, [row.id for row in shown])
        askers = await runs.name_askers(session, shown)
    last = shown[-1] if len(rows) > len(shown) else None
    return Page[AgentRunLine](
        items=[agent_views.run_line(row, proposals.get(row.id, []), askers.get(row.id, "")) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )


@operation("agents.cancel_run", permission=USE, also=(MANAGE,))
async def cancel_run(actor: Actor, command: RunId) -> AgentRunView:
    """Ask a run to stop; raises `NotFound`, or `RunEnded`."""
    async with unit_of_work(actor) as session:
        await runs.cancel(session, actor, command.run_id, now=utc_now())
    return await _read(actor, command.run_id)


async def watch_run(actor: Actor, command: RunId) -> AsyncGenerator[AgentRunView, None]:
    """Give a run now and after each change, until it or the actor's session has ended.

    Raises `NotPermitted` or `NotFound` at the start.
    """
    actor.require(USE)
    stream = live.hub().watch(actor, runs.TOPIC, keys={str(command.run_id)}, permission=USE)
    news = asyncio.ensure_future(anext(stream, None))
    try:
        view = await _read(actor, command.run_id)
        yield view
        while view.status not in ENDED and await news is not None:
            news = asyncio.ensure_future(anext(stream, None))
            view = await _read(actor, command.run_id)
            yield view
    finally:
        news.cancel()
        await asyncio.wait({news})
        await stream.aclose()


async def _wait_for_end(actor: Actor, run_id: UUID, bell: Bell, seconds: float) -> AgentRunView:
    """Give the run when it has ended, or as it is after so many seconds; holds no connection while it waits."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        bell.hush()
        async with unit_of_work(actor) as session:
            if await runs.has_ended(session, run_id):
                break
        await bell.wait(left)
    return await _read(actor, run_id)


async def _read(actor: Actor, run_id: UUID) -> AgentRunView:
    async with unit_of_work(actor) as session:
        run = await runs.get_run(session, actor, run_id)
        calls = await runs.list_calls(session, run_id)
        proposals = await runs.list_proposals(session, [run_id])
        askers = await runs.name_askers(session, [run])
    return agent_views.run_view(run, calls, proposals.get(run_id, []), askers.get(run_id, ""))


def _cursor_after(agent_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{agent_id}".encode()).rstrip(b"=").decode()


def _place_after(cursor: str | None, cards: list[AgentCard]) -> int:
    """Give the place behind the agent that the cursor names; raises `InputInvalid` for `cursor`."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    label, _, agent_id = text.partition(":")
    place = next((number for number, card in enumerate(cards) if card.id == agent_id), None)
    if label != "after" or place is None:
        raise InputInvalid({"cursor": "This is not a cursor of this list"})
    return place + 1
