"""Execution: one path for every model. Facts from tools, then one call for the words, then the checks.

A run works in a thread of a bounded pool and answers at its deadline even where a thread does not. Runs inside a run
have a pool of their own, so that eight runs which wait for theirs never wait for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from pydantic_core import to_jsonable_python

from agents import binding, wording, writing
from agents import session as sessions
from agents.loader import Agent, AgentOutput, catalogue
from agents.meter import RunEnded
from agents.session import Session
from bizosaas_app.gateway.ports import Proposed

RUNS_AT_ONCE: Final = 8
"""Threads of a process for runs: CrewAI's own work keeps two cores busy with fewer."""
INNER_RUNS_AT_ONCE: Final = 16
CANCEL_POLL_SECONDS: Final = 0.5
GRACE_SECONDS: Final = 0.25
"""How long a run may need to notice its own deadline before it is left behind."""


@dataclass(slots=True)
class Engines:
    """What runs share in a process: the pools, and how CrewAI is loaded."""

    load: Callable[[], Any]
    pools: tuple[ThreadPoolExecutor, ...] = field(
        default_factory=lambda: (
            ThreadPoolExecutor(RUNS_AT_ONCE, thread_name_prefix="agents"),
            ThreadPoolExecutor(INNER_RUNS_AT_ONCE, thread_name_prefix="agents-inner"),
        )
    )
    left_behind: int = 0
    """Runs whose thread still hung when they had to answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has made."""

    output: AgentOutput
    proposals: Sequence[Proposed]
    engine: str


async def execute(run: Session) -> Outcome:
    """Do a session's run to its end; raises `RunEnded`."""
    work = partial(copy_context().run, _do, run)
    future: asyncio.Future[Outcome] = asyncio.get_running_loop().run_in_executor(run.engines.pools[run.depth], work)
    poll = asyncio.create_task(_watch_for_cancelling(run))
    try:
        waited: set[asyncio.Future[Any]] = {future, poll}
        await asyncio.wait(waited, timeout=run.meter.seconds_left(), return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            with suppress(RunEnded):
                run.meter.check()
            await asyncio.wait({future}, timeout=GRACE_SECONDS)
    finally:
        poll.cancel()
    if not future.done():
        run.engines.left_behind += 1
        future.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise run.meter.stop(RunEnded("limit_seconds", "The run did not end in time"))
    return future.result()


async def ask(agent_id: str, given: Mapping[str, Any]) -> Outcome:
    """From inside an asynchronous tool: run another agent within this run, on its meter and for its watch.

    Raises `RunEnded`, pydantic's `ValidationError` for an input that does not do, and `NotPermitted`.
    """
    outer = sessions.current.get()
    if outer.depth:
        raise AssertionError("a run inside a run starts none")
    agent = catalogue()[agent_id]
    outer.context.actor.require(agent.spec.permission)
    inner = replace(outer, agent=agent, given=agent.input_model.model_validate(given), depth=1, results={})
    return await execute(inner)


async def _watch_for_cancelling(run: Session) -> None:
    while not await run.watch.is_cancelled():  # noqa: ASYNC110  # the wish is a row that others write
        await asyncio.sleep(CANCEL_POLL_SECONDS)
    run.meter.stop(RunEnded("cancelled", "The run was stopped on request", status="cancelled"))


def _do(run: Session) -> Outcome:
    crew = run.engines.load()
    run.check()
    model = crew.model_of(run)
    crew.gather(run, model)
    run.complete()
    run.note("Choosing the words")
    facts, spec = run.facts(), run.agent.spec
    own = writing.stored(spec, facts, str(run.context.seed))
    written, by = _words(run, model, own)
    run.check()
    output = _output(run.agent, run, writing.render(written, spec, facts), by)
    return Outcome(output, _proposals(run), model.model)


def _words(run: Session, model: Any, own: writing.Written) -> tuple[writing.Written, str]:
    answer = model.call([{"role": "user", "content": "words"}])
    try:
        written = writing.parse(answer)
        writing.check(written, own, run.agent.spec, run.facts())
    except writing.Refused:
        return own, f"{model.model}, wording from the template"
    return written, model.model


def _output(agent: Agent, run: Session, said: writing.Said, by: str) -> AgentOutput:
    parts: dict[str, Any] = {}
    for name, source in agent.spec.parts.items():
        owner, _, key = source.partition(".")
        if owner == "draft":
            parts[name] = said.drafts[key]
        elif owner in run.results:
            parts[name] = run.results[owner].parts.get(key)
    found = run.facts()
    doubled = [fact for key, fact in found.items() if "." in key and found[fact.key] is not fact]
    bare = [fact for key, fact in found.items() if "." not in key]
    return agent.output_model(
        headline=said.headline,
        summary=said.summary,
        facts=[*bare, *doubled],
        advice=said.advice,
        written_by=by,
        **parts,
    )


def _proposals(run: Session) -> list[Proposed]:
    made, facts = [], run.facts()
    for proposal in run.agent.spec.proposals:
        if not wording.holds(proposal.when, facts):
            continue
        with suppress(binding.NotThere):
            bound = to_jsonable_python(binding.bind(proposal.arguments, run.given, run.results))
            title = wording.render(proposal.title, facts) or run.agent.spec.name
            made.append(Proposed(proposal.action, title, bound))
    return made
