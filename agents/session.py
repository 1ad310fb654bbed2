"""A run's session: its steps, taken once each, by whoever asks for them. Used from the run's own threads.

What the plan binds is filled in here; a model adds optional arguments at most. Whether a tool may run is decided
here and nowhere else, so that no hook of a library stands between an order and its refusal.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import UUID

from pydantic import ValidationError

from agents import binding
from agents.facts import Fact
from agents.loader import Agent, AgentInput
from agents.meter import Meter, RunEnded
from agents.spec import Step
from agents.tooling import TOOLS, Args, ToolContext, ToolFailed, ToolNeedsMore, ToolResult
from bizosaas_app.gateway.ports import RunWatch, ToolCall
from bizosaas_app.kernel.errors import AppError, NotPermitted

if TYPE_CHECKING:
    from agents.execution import Engines

T = TypeVar("T")
By = Literal["model", "runtime"]

current: ContextVar[Session] = ContextVar("current_agent_session")
"""The session whose tool runs; an asynchronous tool starts runs inside it through `agents.execution.ask`."""


class ArgumentsRefused(Exception):
    """The arguments do not do; the message says what to put right. Nothing was called."""


@dataclass(slots=True)
class Session:
    """One run of one agent; `depth` is 0, or 1 for a run inside another."""

    run_id: UUID
    agent: Agent
    given: AgentInput
    context: ToolContext
    meter: Meter
    watch: RunWatch
    loop: asyncio.AbstractEventLoop
    engines: Engines
    depth: int = 0
    results: dict[str, ToolResult] = field(default_factory=dict)
    _taking: threading.RLock = field(default_factory=threading.RLock)

    @property
    def steps(self) -> dict[str, Step]:
        """The steps that this input asks for, by key, in the plan's order."""
        return {step.key: step for step in self.agent.spec.plan if binding.is_taken(step, self.given)}

    def facts(self) -> dict[str, Fact]:
        """Give the facts found, under their bare keys (of a doubled one the latest) and as `step.key`."""
        found: dict[str, Fact] = {}
        for key in self.steps:
            for fact in self.results[key].facts if key in self.results else ():
                found[fact.key] = found[f"{key}.{fact.key}"] = fact
        return found

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Do asynchronous work on the main loop and wait for it, up to the deadline; raises `RunEnded` there."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(self.meter.seconds_left() + 0.001)
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            self.meter.check()
            raise

    def note(self, text: str) -> None:
        """Tell what the run does now."""
        self.on_loop(self.watch.note(text))

    def check(self) -> None:
        """Raise `RunEnded` where the run has to end, because of its limits or because somebody asked for it."""
        self.meter.check()
        if self.on_loop(self.watch.is_cancelled()):
            raise self.meter.stop(RunEnded("cancelled", "The run was stopped on request", status="cancelled"))

    def take(self, key: str, extra: Mapping[str, Any], by: By) -> ToolResult | None:
        """Take a step, and before it those that it needs; one that was taken gives its result again.

        None where it rests on a step that this input does not ask for. Raises `RunEnded`, `ArgumentsRefused`, and
        `ToolNeedsMore` when the tool wants other arguments.
        """
        with self._taking:
            if by == "model":
                self.meter.count_tool_call()
            if key in self.results:
                return self.results[key]
            step = self.steps[key]
            for owner in binding.needs(step):
                if owner in self.steps and owner not in self.results:
                    self.take(owner, {}, "runtime")
            bound = binding.arguments(step, TOOLS[step.tool], self.given, self.results)
            if bound is None:
                return None
            if by == "runtime":
                self.meter.count_tool_call()
            self.check()
            return self._call(step, {**extra, **bound}, by)

    def complete(self) -> None:
        """Take every step that was not taken yet: the facts are whole whatever a model did."""
        for key in self.steps:
            if key not in self.results:
                try:
                    self.take(key, {}, "runtime")
                except (ToolNeedsMore, ArgumentsRefused) as error:
                    raise self.meter.stop(RunEnded("tool_failed", str(error))) from error

    def _call(self, step: Step, values: dict[str, Any], by: By) -> ToolResult:
        tool = TOOLS[step.tool]
        try:
            arguments = tool.args.model_validate(values)
        except ValidationError as error:
            raise ArgumentsRefused(_complaint(error)) from error
        self.note(f"Calling {step.key}")
        started = time.monotonic()
        answer = self._answer(step, arguments)
        failed = not isinstance(answer, ToolResult)
        call = ToolCall(
            number=self.meter.next_number(),
            tool=step.tool,
            arguments=arguments.model_dump(mode="json", exclude_unset=True),
            result=None if isinstance(answer, Exception) else answer.model_dump(mode="json"),
            error=str(answer) if failed else None,
            by=by,
            milliseconds=round((time.monotonic() - started) * 1000),
        )
        self.on_loop(self.watch.called(call))
        if isinstance(answer, Exception):
            raise answer
        self.results[step.key] = answer
        return answer

    def _answer(self, step: Step, arguments: Args) -> ToolResult | RunEnded | ToolNeedsMore:
        """Run the tool; what only ends the run has ended it when this returns."""
        try:
            result = self._run(step, arguments)
            self.meter.check()
        except (RunEnded, ToolNeedsMore) as error:
            return error
        except NotPermitted as error:
            return self.meter.stop(RunEnded("not_permitted", error.message))
        except (ToolFailed, AppError) as error:
            return self.meter.stop(RunEnded("tool_failed", str(error)))
        return result

    def _run(self, step: Step, arguments: Args) -> ToolResult:
        tool = TOOLS[step.tool]
        token = current.set(self)
        try:
            work = tool(self.context, arguments)
            return self.on_loop(work) if inspect.iscoroutinefunction(tool.run) else asyncio.run(work)
        finally:
            current.reset(token)


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'arguments'}: {first['msg']}"
