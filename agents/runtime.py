"""The agents' runtime: serves the catalogue through the gateway's port, and does the runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import WeakSet

from pydantic import ValidationError

from agents.execution import RUNS_AT_ONCE, Engines, execute
from agents.llm import models, switches
from agents.llm.policy import Policy
from agents.loader import Agent, AgentInput, catalogue
from agents.meter import Meter, RunEnded
from agents.session import Session
from agents.tooling import ToolContext
from agents.turns import Threads, Turns
from bizosaas_app.gateway import ports
from bizosaas_app.gateway.contracts.agents import AgentCard, AgentView, LimitsView
from bizosaas_app.gateway.contracts.faults import describe
from bizosaas_app.gateway.ports import RunOrder, RunReport, RunWatch
from bizosaas_app.kernel import log, tracing
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.secrets import SecretSource, SecretsUnavailable
from bizosaas_app.kernel.settings import Settings

_log = get_logger(__name__)


class Runtime:
    """Implements `AgentRunner`. Nothing is loaded and no thread is started before `warm` or the first run."""

    def __init__(
        self,
        settings: Settings,
        secrets: SecretSource | None = None,
        agents: Callable[[], Mapping[str, Agent]] = catalogue,
    ) -> None:
        """Raises `ModelUnknown` for settings that name a model which nobody serves."""
        self._models = models.chain(settings)
        self._secrets = secrets
        policy = Policy(
            timeout_seconds=settings.llm_timeout_seconds,
            max_tokens=settings.llm_max_tokens,
            is_streamed=settings.llm_stream,
            ends_embedded=settings.llm_embedded_fallback,
        )
        self._engines = Engines(partial(switches.load, settings.data_dir), policy, agents)
        self._running: WeakSet[Meter] = WeakSet()
        self._turns = Turns(RUNS_AT_ONCE)

    def warm(self) -> None:
        """Import CrewAI and read the catalogue in the background, so that no first run or request waits for them."""
        threading.Thread(target=self._load, name="agents-warm", daemon=True).start()

    def close(self) -> None:
        """Let go of the threads; runs that go on end as `interrupted`."""
        for meter in list(self._running):
            meter.stop(RunEnded("interrupted", "The server was stopped during the run"))
        for pool in self._engines.pools:
            pool.shutdown(wait=False, cancel_futures=True)

    def cards(self) -> Sequence[AgentCard]:
        """See AgentRunner.cards."""
        return [_card(agent) for agent in self._engines.agents().values()]

    def describe(self, agent_id: str) -> AgentView:
        """See AgentRunner.describe."""
        agent = self._find(agent_id)
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
        return self._find(agent_id).spec.permission

    def check(self, agent_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """See AgentRunner.check."""
        return _input(self._find(agent_id), given).model_dump(mode="json")

    async def run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        """See AgentRunner.run. Its time begins when it has its thread: whoever waits for one loses none."""
        with (
            log.carrying(order.actor, run_id=str(order.run_id), agent=order.agent_id),
            tracing.span(f"invoke_agent {order.agent_id}", _told(order)) as span,
        ):
            report = await self._run(order, watch)
            span.set_attribute("bizosaas.outcome", report.code or report.status)
            span.set_attribute("gen_ai.usage.input_tokens", report.usage.prompt_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", report.usage.completion_tokens)
            return report

    async def _run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        if self._turns.are_taken:
            await watch.note("Waiting for its turn")
        async with self._turns.take() as threads:
            if not switches.is_loaded():
                await asyncio.get_running_loop().run_in_executor(self._engines.pools[0], self._engines.load)
            meter = Meter(self._find(order.agent_id).limits)
            self._running.add(meter)
            report = await self._report(order, watch, meter, threads)
        _log.info(
            "agent_run_ended",
            status=report.status,
            code=report.code,
            engine=report.engine,
            seconds=report.usage.seconds,
        )
        return report

    def _load(self) -> None:
        self._engines.agents()
        self._engines.load()

    async def _report(self, order: RunOrder, watch: RunWatch, meter: Meter, threads: Threads) -> RunReport:
        try:
            outcome = await execute(await self._session(order, watch, meter, threads))
        except InputInvalid as error:  # it was valid when it was asked for, but the agent has changed since
            return self._failed(meter, RunEnded(error.code, "; ".join(f"{k}: {v}" for k, v in error.fields.items())))
        except NotPermitted as error:
            return self._failed(meter, RunEnded("not_permitted", error.message))
        except SecretsUnavailable as error:
            return self._failed(meter, RunEnded("provider_failed", error.message))
        except RunEnded as error:
            return self._failed(meter, error)
        return RunReport(
            status="succeeded",
            engine=outcome.engine,
            usage=meter.usage,
            output=outcome.output.model_dump(mode="json"),
            proposals=tuple(outcome.proposals),
        )

    async def _session(self, order: RunOrder, watch: RunWatch, meter: Meter, threads: Threads) -> Session:
        agent = self._find(order.agent_id)
        order.actor.require(agent.spec.permission)
        return Session(
            run_id=order.run_id,
            agent=agent,
            given=_input(agent, order.input),
            context=ToolContext(order.actor, utc_now(), order.timezone, order.currency, order.seed),
            meter=meter,
            watch=watch,
            loop=asyncio.get_running_loop(),
            engines=self._engines,
            threads=threads,
            models=await models.with_keys(self._models, self._secrets),
        )

    def _failed(self, meter: Meter, error: RunEnded) -> RunReport:
        engine = self._models[0].id if self._models else "embedded"
        return RunReport(status=error.status, engine=engine, usage=meter.usage, code=error.code, message=error.message)

    def _find(self, agent_id: str) -> Agent:
        agent = self._engines.agents().get(agent_id)
        if agent is None:
            raise NotFound("There is no such agent")
        return agent


@contextmanager
def serving(settings: Settings, secrets: SecretSource) -> Iterator[Runtime]:
    """Serve the agents from this process; one that works on jobs loads what runs need in the background."""
    runtime = Runtime(settings, secrets)
    ports.serve_agents(runtime)
    if settings.runs_jobs:
        runtime.warm()
    try:
        yield runtime
    finally:
        ports.serve_agents(None)
        runtime.close()


def _told(order: RunOrder) -> dict[str, str]:
    """Give what a span says of a run: ids and names, and nothing that was asked."""
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.id": order.agent_id,
        "bizosaas.run_id": str(order.run_id),
        "bizosaas.tenant_id": str(order.actor.tenant_id),
    }


def _card(agent: Agent) -> AgentCard:
    spec = agent.spec
    return AgentCard(id=agent.id, name=spec.name, title=spec.shown_name, area=spec.area, goal=spec.goal)


def _input(agent: Agent, given: Mapping[str, Any]) -> AgentInput:
    try:
        return agent.input_model.model_validate(dict(given))
    except ValidationError as error:
        raise InputInvalid({_place(item["loc"]): describe(item) for item in error.errors()}) from error


def _place(loc: Sequence[int | str]) -> str:
    return ".".join(["input", *map(str, loc)])
