"""A run's session: its steps, taken once each, by whoever asks for them. Used from the run's own threads.

What the plan binds is filled in here; a model adds optional arguments at most. Whether a tool may run is decided
here and nowhere else, so that no hook of a library stands between an order and its refusal.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future, wait
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar
from uuid import UUID

from pydantic import ValidationError

from agents import binding
from agents.facts import Fact
from agents.loader import Agent, AgentInput
from agents.meter import Meter, RunEnded
from agents.spec import Step
from agents.tooling import TOOLS, Args, ToolContext, ToolFailed, ToolNeedsMore, ToolResult
from agents.turns import Threads
from bizosaas_app.gateway.ports import RunWatch, ToolCall
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.errors import AppError, LimitReached, NotPermitted

if TYPE_CHECKING:
    from agents.execution import Engines
    from agents.llm.models import Model

T = TypeVar("T")
By = Literal["model", "runtime"]

RECORD_SECONDS: Final = 15.0
"""What is to be kept of a run is waited for so long, also after the run's own end."""
LOOP_LOOK_SECONDS: Final = 0.25
"""How often whoever waits for that looks whether the main loop still runs."""

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
    threads: Threads = field(default_factory=list)
    """What works for the run in the pools; a run inside it adds its own."""
    models: Sequence[Model] = ()
    """The chain of models; empty means the embedded engine."""
    depth: int = 0
    results: dict[str, ToolResult] = field(default_factory=dict, init=False)
    fault: Exception | None = field(default=None, init=False)
    """A bug, or a watch that could not keep what it was told: CrewAI would make a tool's answer of it."""
    _taking: threading.RLock = field(default_factory=threading.RLock, init=False)

    @property
    def steps(self) -> dict[str, Step]:
        """The steps that this input asks for, by key, in the plan's order."""
        return {step.key: step for step in self.agent.spec.plan if self._is_taken(step)}

    def _is_taken(self, step: Step) -> bool:
        permission = TOOLS[step.tool].permission
        may = permission is None or self.context.actor.can(permission)
        return binding.is_taken(step, self.given) and (may or not binding.is_addition(step, self.given))

    def facts(self) -> dict[str, Fact]:
        """Give the facts found, under their bare keys (of a doubled one the latest) and as `step.key`."""
        found: dict[str, Fact] = {}
        for key in self.steps:
            for fact in self.results[key].facts if key in self.results else ():
                found[fact.key] = found[f"{key}.{fact.key}"] = fact
        return found

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Do asynchronous work on the main loop and wait for it, up to the run's end; raises `RunEnded` there."""
        done = threading.Event()
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        future.add_done_callback(lambda _: done.set())
        with self.meter.waking(done):
            done.wait(self.meter.seconds_left())
        if not future.done():
            future.cancel()
            self.meter.check()
        return future.result()

    def tell(self, work: Coroutine[Any, Any, T]) -> T:
        """Tell the watch something, also when the run has to end; a watch that fails is the run's fault."""
        try:
            return self._record(asyncio.run_coroutine_threadsafe(work, self.loop))
        except LimitReached:
            raise
        except Exception as error:
            self._broken(error)
            raise

    def _record(self, future: Future[T]) -> T:
        """Wait for it while the main loop runs: one that has stopped records nothing, and the process wants to end."""
        last = time.monotonic() + RECORD_SECONDS
        while self.loop.is_running() and time.monotonic() < last:
            if wait([future], LOOP_LOOK_SECONDS).done:
                break
        return future.result(0)

    def note(self, text: str) -> None:
        """Tell what the run does now."""
        self.tell(self.watch.note(text))

    def check(self) -> None:
        """Raise `RunEnded` where the run has to end, because of its limits or because somebody asked for it."""
        self.meter.check()
        if self.tell(self.watch.is_cancelled()):
            raise self.meter.stop(cancelled())

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
        """Take every step that was not taken yet: the facts are whole whatever a model did. Raises `RunEnded`."""
        for key in self.steps:
            if key not in self.results:
                try:
                    self.take(key, {}, "runtime")
                except (ToolNeedsMore, ArgumentsRefused) as error:
                    raise self.meter.stop(RunEnded("tool_failed", str(error))) from error

    def refuse(self, name: str, arguments: str) -> None:
        """Keep a call to a tool that the agent does not have; it counts, and nothing runs. Raises `RunEnded`."""
        self.meter.count_tool_call()
        try:
            given = json.loads(arguments)
        except ValueError:
            given = arguments
        shown = given if isinstance(given, dict) else {"given": given}
        text = "The agent has no such tool"
        self.tell(self.watch.called(ToolCall(self.meter.next_number(), name[:60], shown, None, text, "model", 0)))

    def _call(self, step: Step, values: dict[str, Any], by: By) -> ToolResult:
        try:
            arguments = TOOLS[step.tool].args.model_validate(values)
        except ValidationError as error:
            raise ArgumentsRefused(_complaint(error)) from error
        self.note(f"Calling {step.key}")
        started = time.monotonic()
        told = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": step.tool, "bizosaas.by": by}
        with tracing.span(f"execute_tool {step.tool}", told) as span:
            answer = self._answer(step, arguments)
            is_result = isinstance(answer, ToolResult)
            if not is_result:
                tracing.fault(span, getattr(answer, "code", "arguments"))
        call = ToolCall(
            number=self.meter.next_number(),
            tool=step.tool,
            arguments=arguments.model_dump(mode="json", exclude_unset=True),
            result=answer.model_dump(mode="json") if isinstance(answer, ToolResult) else None,
            error=None if is_result else str(answer),
            by=by,
            milliseconds=round((time.monotonic() - started) * 1000),
        )
        self.tell(self.watch.called(call))
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
        except Exception as error:
            self._broken(error)
            raise
        return result

    def _run(self, step: Step, arguments: Args) -> ToolResult:
        tool = TOOLS[step.tool]
        token = current.set(self)
        try:
            work = tool(self.context, arguments)
            # Operations live on the main loop. What computes stays off it, as it would hold up everybody: a plain tool
            # runs in this thread, and an asynchronous one hands its computing to a thread by itself.
            return self.on_loop(work) if inspect.iscoroutinefunction(tool.run) else asyncio.run(work)
        finally:
            current.reset(token)

    def _broken(self, error: Exception) -> None:
        if not isinstance(error, RunEnded):
            self.fault = self.fault or error
            self.meter.stop(RunEnded("fault", "The run met a fault of ours"))


def cancelled() -> RunEnded:
    """Give the end of a run that somebody asked to stop."""
    return RunEnded("cancelled", "The run was stopped on request", status="cancelled")


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'arguments'}: {first['msg']}"
