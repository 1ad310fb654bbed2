"""The agents' runtime: serves the catalogue through the gateway's port, and does the runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from pydantic import ValidationError

from agents.execution import Engines, execute
from agents.llm import switches
from agents.loader import Agent, catalogue
from agents.meter import Meter, RunEnded
from agents.session import Session
from agents.tooling import ToolContext
from bizosaas_app.gateway import ports
from bizosaas_app.gateway.contracts.agents import AgentCard, AgentView, LimitsView
from bizosaas_app.gateway.ports import RunOrder, RunReport, RunWatch
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.kernel.settings import Settings


class Runtime:
    """Implements `AgentRunner`. Nothing is loaded and no thread is started before `warm` or the first run."""

    def __init__(self, settings: Settings) -> None:
        self._engines = Engines(load=partial(switches.load, settings.data_dir))

    def warm(self) -> None:
        """Import CrewAI in the background, so that the first run does not wait for it."""
        threading.Thread(target=self._engines.load, name="agents-warm", daemon=True).start()

    def close(self) -> None:
        """Let go of the threads; runs that go on end without an answer."""
        for pool in self._engines.pools:
            pool.shutdown(wait=False, cancel_futures=True)

    def cards(self) -> Sequence[AgentCard]:
        """See AgentRunner.cards."""
        return [_card(agent) for agent in catalogue().values()]

    def describe(self, agent_id: str) -> AgentView:
        """See AgentRunner.describe."""
        agent = _find(agent_id)
        limits = agent.limits
        return AgentView(
            **_card(agent).model_dump(),
            role=agent.spec.role,
            tools=[tool.name for tool in agent.tools],
            input_schema=agent.input_model.model_json_schema(),
            output_schema=agent.output_model.model_json_schema(mode="serialization"),
            example_input=agent.input_model.model_validate(agent.spec.example).model_dump(
                mode="json", exclude_unset=True
            ),
            limits=LimitsView(
                steps=limits.steps,
                tool_calls=limits.tool_calls,
                seconds=limits.seconds,
                tokens=limits.tokens,
                cost_usd=str(limits.cost_usd),
            ),
        )

    def permission(self, agent_id: str) -> str:
        """See AgentRunner.permission."""
        return _find(agent_id).spec.permission

    def check(self, agent_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """See AgentRunner.check."""
        model = _find(agent_id).input_model
        try:
            return model.model_validate(dict(given)).model_dump(mode="json")
        except ValidationError as error:
            raise InputInvalid({_place(item["loc"]): item["msg"] for item in error.errors()}) from error

    async def run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        """See AgentRunner.run."""
        agent = _find(order.agent_id)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._engines.load)
        session = Session(
            run_id=order.run_id,
            agent=agent,
            given=agent.input_model.model_validate(dict(order.input)),
            context=ToolContext(order.actor, utc_now(), order.timezone, order.currency, order.seed),
            meter=Meter(agent.limits),
            watch=watch,
            loop=loop,
            engines=self._engines,
        )
        try:
            order.actor.require(agent.spec.permission)
            outcome = await execute(session)
        except NotPermitted as error:
            return _failed(session, RunEnded("not_permitted", error.message))
        except RunEnded as error:
            return _failed(session, error)
        return RunReport(
            status="succeeded",
            engine=outcome.engine,
            usage=session.meter.usage,
            output=outcome.output.model_dump(mode="json"),
            proposals=tuple(outcome.proposals),
        )


@contextmanager
def serving(settings: Settings) -> Iterator[Runtime]:
    """Serve the agents from this process; one that works on jobs loads what runs need in the background."""
    runtime = Runtime(settings)
    ports.serve_agents(runtime)
    if settings.runs_jobs:
        runtime.warm()
    try:
        yield runtime
    finally:
        ports.serve_agents(None)
        runtime.close()


def _failed(session: Session, error: RunEnded) -> RunReport:
    return RunReport(
        status=error.status, engine="embedded", usage=session.meter.usage, code=error.code, message=error.message
    )


def _find(agent_id: str) -> Agent:
    agent = catalogue().get(agent_id)
    if agent is None:
        raise NotFound("There is no such agent")
    return agent


def _card(agent: Agent) -> AgentCard:
    return AgentCard(id=agent.id, name=agent.spec.name, area=agent.spec.area, goal=agent.spec.goal)


def _place(loc: Sequence[int | str]) -> str:
    return ".".join(["input", *map(str, loc)])
