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

from agents import asking, binding, wording, writing
from agents import session as sessions
from agents.llm.breaker import Breaker
from agents.llm.policy import Policy
from agents.loader import Agent, AgentOutput
from agents.meter import RunEnded
from agents.session import Session, cancelled
from bizosaas_app.gateway.ports import Proposed
from bizosaas_app.kernel.log import get_logger

_log = get_logger(__name__)

RUNS_AT_ONCE: Final = 8
"""Threads of a process for runs: CrewAI's own work keeps two cores busy with fewer."""
INNER_RUNS_AT_ONCE: Final = 16
CANCEL_POLL_SECONDS: Final = 0.5
ASKED_AT_MOST: Final = 2
"""Times that a model is asked for the words."""
LONGEST_NOTE: Final = 200
LONGEST_HEADLINE: Final = 300
GRACE_SECONDS: Final = 0.25
"""How long a run may need to notice its own deadline before it is left behind."""


@dataclass(slots=True)
class Engines:
    """What runs share in a process: how CrewAI is loaded and models are asked, the agents, and the pools."""

    load: Callable[[], Any]
    policy: Policy
    agents: Callable[[], Mapping[str, Agent]]
    breaker: Breaker = field(default_factory=Breaker)
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
    run.threads.append(future)
    poll = asyncio.create_task(_watch_for_cancelling(run))
    try:
        waited: set[asyncio.Future[Any]] = {future, poll}
        await asyncio.wait(waited, timeout=run.meter.seconds_left(), return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            run.meter.stop(
                RunEnded("limit_seconds", f"The run took longer than its {run.meter.limits.seconds:g} seconds")
            )
            await asyncio.wait({future}, timeout=GRACE_SECONDS)
    except asyncio.CancelledError:
        run.meter.stop(RunEnded("interrupted", "The run was interrupted"))
        future.add_done_callback(_forget)
        raise
    finally:
        poll.cancel()
    if future.done():
        return future.result()
    run.engines.left_behind += 1
    _log.warning("agent_run_left_behind", run_id=str(run.run_id), left_behind=run.engines.left_behind)
    future.add_done_callback(_forget)
    run.meter.check()
    raise AssertionError("a run that was left behind has a reason")


def _forget(late: asyncio.Future[Outcome]) -> None:
    """Look at nothing that a run gives after its answer."""
    if not late.cancelled():
        late.exception()


async def ask(agent_id: str, given: Mapping[str, Any]) -> Outcome:
    """From inside an asynchronous tool: run another agent within this run, on its meter and for its watch.

    Raises `RunEnded`, pydantic's `ValidationError` for an input that does not do, and `NotPermitted`.
    """
    outer = sessions.current.get()
    if outer.depth:
        raise AssertionError("a run inside a run starts none")
    agent = outer.engines.agents()[agent_id]
    outer.context.actor.require(agent.spec.permission)
    inner = replace(outer, agent=agent, given=agent.input_model.model_validate(given), depth=1)
    return await execute(inner)


async def _watch_for_cancelling(run: Session) -> None:
    """Return when somebody has asked the run to stop; a watch that cannot tell is asked again."""
    is_cancelled = False
    while not is_cancelled:
        await asyncio.sleep(CANCEL_POLL_SECONDS)
        try:
            is_cancelled = await run.watch.is_cancelled()
        except Exception as error:  # noqa: BLE001  # whatever keeps it from telling may pass
            _log.warning("agent_watch_silent", run_id=str(run.run_id), error=type(error).__name__)
    run.meter.stop(cancelled())


def _do(run: Session) -> Outcome:
    try:
        return _do_steps(run)
    except RunEnded:
        if run.fault is not None:
            raise run.fault from None
        raise


def _do_steps(run: Session) -> Outcome:
    crew = run.engines.load()
    run.check()
    model = crew.model_of(run, run.models, run.engines.policy)
    crew.gather(run, model)
    run.complete()
    run.note("Choosing the words")
    facts = run.facts()
    own = writing.stored(run.agent.spec, facts, str(run.context.seed))
    written, by = _words(run, model, own)
    run.check()
    output = _output(run, writing.render(written, run.agent.spec, facts), by)
    return Outcome(output, _proposals(run), model.engine)


def _words(run: Session, model: Any, own: writing.Written) -> tuple[writing.Written, str]:
    """Ask for the words, once more where they are refused; give them, or the stored ones, with who wrote them."""
    facts, spec = run.facts(), run.agent.spec
    asked = asking.for_words(run.agent, facts, own)
    for _ in range(ASKED_AT_MOST):
        answer = model.say(asked)
        try:
            written = writing.parse(answer)
            writing.check(written, own, spec, facts)
        except writing.Refused as refused:
            run.note(f"The words were refused: {refused}"[:LONGEST_NOTE])
            asked = asking.again(asked, answer, str(refused))
        else:
            return written, model.writer
    return own, f"{model.writer}, wording from the template"


def _output(run: Session, said: writing.Said, by: str) -> AgentOutput:
    parts: dict[str, Any] = {}
    for name, source in run.agent.spec.parts.items():
        owner, _, key = source.partition(".")
        if owner == "draft":
            parts[name] = said.drafts[key]
        elif owner in run.results:
            parts[name] = run.results[owner].parts.get(key)
    found = run.facts()
    bare = [fact for key, fact in found.items() if "." not in key]
    doubled = [
        fact.model_copy(update={"key": key})
        for key, fact in found.items()
        if "." in key and found[fact.key] is not fact
    ]
    return run.agent.output_model(
        headline=_cut(said.headline),
        summary=said.summary,
        facts=[*bare, *doubled],
        advice=said.advice,
        written_by=by,
        **parts,
    )


def _cut(headline: str) -> str:
    """A headline of long names may grow beyond its bound when they are filled in."""
    return (
        headline if len(headline) <= LONGEST_HEADLINE else f"{headline[: LONGEST_HEADLINE - 1]}\N{HORIZONTAL ELLIPSIS}"
    )


def _proposals(run: Session) -> list[Proposed]:
    made, facts = [], run.facts()
    for proposal in run.agent.spec.proposals:
        if not wording.holds(proposal.when, facts):
            continue
        with suppress(binding.NotThere):
            bound = to_jsonable_python(binding.bind(proposal.arguments, run.given, run.results))
            title = wording.render(proposal.title, facts) or run.agent.spec.shown_name
            made.append(Proposed(proposal.action, title, bound))
    return made
