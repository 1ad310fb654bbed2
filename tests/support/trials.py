"""Tools and agents of the tests: they count, fail, hang and ask, and leave the registry as they found it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from agents import facts
from agents.execution import ask
from agents.loader import Agent, build
from agents.spec import AgentSpec, Archetype
from agents.tooling import TOOLS, Args, ToolContext, ToolFailed, ToolNeedsMore, ToolResult, tool
from bizosaas_app.kernel.errors import NotPermitted

ARCHETYPES = {"trial": Archetype(backstory="You are tried.")}


class ThingArgs(Args):
    thing: str = "stone"
    colour: str | None = Field(None, description="Red, if that matters")


class Thing(ToolResult):
    thing: str = ""


class NextArgs(Args):
    of: str
    size: int = 1


class NoArgs(Args):
    pass


@dataclass
class Trials:
    """What the tools were asked, and what the hanging ones wait for."""

    seen: list[tuple[str, Args]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


def _thing(name: str, found: str = "stone") -> Thing:
    return Thing(source="input", thing=found, facts=[facts.count(f"{name}_count", "Things", 7)])


@contextmanager
def trial_tools() -> Iterator[Trials]:
    """Have the tools in the registry for as long as the block runs."""
    before, trials = dict(TOOLS), Trials()

    @tool(facts={"find_thing_count": "count"})
    def find_thing(context: ToolContext, args: ThingArgs) -> Thing:
        """Find a thing."""
        trials.seen.append(("find_thing", args))
        return _thing("find_thing", args.thing)

    @tool(facts={"next_thing_count": "count"})
    def next_thing(context: ToolContext, args: NextArgs) -> Thing:
        """Find what belongs to a thing."""
        trials.seen.append(("next_thing", args))
        return _thing("next_thing")

    @tool(facts={"picky_count": "count"})
    def picky(context: ToolContext, args: ThingArgs) -> Thing:
        """Find a thing of a colour."""
        trials.seen.append(("picky", args))
        if args.colour is None:
            raise ToolNeedsMore("say which colour")
        return _thing("picky")

    @tool(facts={"guarded_count": "count"}, permission="manage_agents")
    def guarded(context: ToolContext, args: NoArgs) -> Thing:
        """Only for some."""
        trials.seen.append(("guarded", args))
        return _thing("guarded")

    @tool()
    def hopeless(context: ToolContext, args: NoArgs) -> Thing:
        """Never works."""
        trials.seen.append(("hopeless", args))
        raise ToolFailed("The books are closed")

    @tool()
    async def forbidden(context: ToolContext, args: NoArgs) -> Thing:
        """Calls an operation that refuses."""
        raise NotPermitted("Only for the accountant")

    @tool()
    def broken(context: ToolContext, args: NoArgs) -> Thing:
        """Has a bug."""
        trials.seen.append(("broken", args))
        raise ZeroDivisionError("a bug")

    @tool()
    def hanging(context: ToolContext, args: NoArgs) -> Thing:
        """Computes for ever."""
        trials.released.wait()
        return Thing()

    @tool()
    async def waiting(context: ToolContext, args: NoArgs) -> Thing:
        """Waits for ever."""
        await asyncio.Event().wait()
        return Thing()

    @tool(facts={"nested_count": "count"})
    async def nested(context: ToolContext, args: NoArgs) -> Thing:
        """Runs other agents inside this run."""
        made = await asyncio.gather(ask("inner", {}), ask("inner", {}))
        total = sum(int(item.output.facts[0].size) for item in made)
        return Thing(facts=[facts.count("nested_count", "Things of all", total)])

    try:
        yield trials
    finally:
        trials.released.set()
        TOOLS.clear()
        TOOLS.update(before)


def trial_agent(*plan: dict[str, Any] | str, id: str = "trial", **changes: Any) -> Agent:
    """An agent of the given steps (a bare name is a step without arguments)."""
    steps = [{"tool": step} if isinstance(step, str) else step for step in plan]
    counts = [f"{fact}" for step in steps for fact in TOOLS[step["tool"]].facts]
    spec = {
        "id": id,
        "name": "A trial",
        "area": "analytics",
        "archetype": "trial",
        "role": "Tester",
        "goal": "Find whatever there is to be found.",
        "plan": steps,
        "parts": {"letter": "draft.letter"},
        "headline": [{"text": [f"Found {{{counts[0]}}}" if counts else "Nothing was to be found"]}],
        "summary": [{"text": ["All of it was found."]}],
        "advice": [{"text": ["Go on"]}],
        "drafts": {"letter": {"title": "Letter", "sentences": [{"text": ["Dear reader,"]}]}},
        "example": {},
        "case": {"must_call": [steps[0]["tool"]]},
        **changes,
    }
    return build(AgentSpec.model_validate(spec), ARCHETYPES)


def only(*agents: Agent) -> Mapping[str, Agent]:
    """A catalogue of these agents."""
    return {agent.id: agent for agent in agents}
