"""Agents in tests: a runtime of two agents that does what a test's script says, served through the gateway's port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

from bizosaas_app.gateway import job_runner, ports
from bizosaas_app.gateway.contracts.agents import AgentCard, AgentView, LimitsView
from bizosaas_app.gateway.ports import Proposed, RunOrder, RunReport, RunWatch, ToolCall, Usage
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from tests.support.api import api_client
from tests.support.world import World

Script = Callable[[RunOrder, RunWatch], Awaitable[RunReport]]

MIA, NOAH, ADMIN, GUS = "mia@acme.example", "noah@acme.example", "admin@acme.example", "gus@globex.example"
PERMISSIONS = {"summary": "use_agents", "audit_watch": "view_audit"}
CALL = ToolCall(1, "word_count", {"text": "two words"}, {"words": 2}, None, "runtime", 3)
START = "/api/v1/agents/summary/runs"


def done(*proposals: Proposed, **output: Any) -> RunReport:
    """A run that ended well."""
    return RunReport("succeeded", "embedded", Usage(steps=1, tool_calls=1), output=output, proposals=proposals)


async def count_words(order: RunOrder, watch: RunWatch) -> RunReport:
    """The usual script: one tool call, and its figure as the output."""
    await watch.note("Counting the words")
    await watch.called(CALL)
    return done(words=2)


class Scripted:
    """Implements `AgentRunner`."""

    def __init__(self) -> None:
        self.script: Script = count_words
        self.orders: list[RunOrder] = []

    def cards(self) -> Sequence[AgentCard]:
        return [
            AgentCard(id=name, name=name.title(), title=name.title(), area="content", goal="Count words")
            for name in PERMISSIONS
        ]

    def describe(self, agent_id: str) -> AgentView:
        self.permission(agent_id)
        limits = LimitsView(steps=1, tool_calls=1, seconds=1, tokens=1, cost_usd="1")
        return AgentView(
            **next(card for card in self.cards() if card.id == agent_id).model_dump(),
            role="Counter",
            tools=["word_count"],
            input_schema={},
            output_schema={},
            example_input={"text": "two words"},
            limits=limits,
        )

    def permission(self, agent_id: str) -> str:
        if agent_id not in PERMISSIONS:
            raise NotFound("There is no such agent")
        return PERMISSIONS[agent_id]

    def check(self, agent_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        self.permission(agent_id)
        if not isinstance(given.get("text", ""), str):
            raise InputInvalid({"input.text": "Must be text"})
        return {"text": "two words", **given}

    async def run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        self.orders.append(order)
        return await self.script(order, watch)


@pytest.fixture
def agents() -> Iterator[Scripted]:
    """The scripted runtime, served by this process."""
    runner = Scripted()
    ports.serve_agents(runner)
    yield runner
    ports.serve_agents(None)


async def client_of(world: World, email: str) -> httpx.AsyncClient:
    """An HTTP client of this person."""
    return api_client(world.resources.settings, headers=(await world.sign_in(email)).headers)


async def start(world: World, email: str = MIA, **body: Any) -> UUID:
    """Ask for a run over HTTP."""
    async with await client_of(world, email) as client:
        answer = await client.post(START, json=body)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["run_id"])


async def read(world: World, run_id: UUID, email: str = MIA) -> dict[str, Any]:
    """Look at a run over HTTP."""
    async with await client_of(world, email) as client:
        answer = await client.get(f"/api/v1/agents/runs/{run_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def finish(world: World, email: str = MIA, **body: Any) -> dict[str, Any]:
    """Ask for a run, have it done, and look at it."""
    run_id = await start(world, email, **body)
    await job_runner.run_waiting(world.resources)
    return await read(world, run_id, email)
