"""Evaluation: whether a run did what its agent's case says. Pure, and the same for every engine.

A run is judged from what an outside caller sees of it: output and tool calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from agents.facts import Fact, by_key
from agents.loader import DRAFT, Agent
from agents.spec import Test
from agents.wording import holds
from bizosaas_app.kernel import number_guard

_MASK: Final = "named"
"""Stands for a fact's form when the rest of a text is looked at."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a run failed in, by kind; empty lists are a pass."""

    agent_id: str
    schema: list[str] = field(default_factory=list)
    """The output is not of the agent's output model."""
    grounding: list[str] = field(default_factory=list)
    """A figure in a text that no tool gave, or a fact that stands in no tool's result."""
    task: list[str] = field(default_factory=list)
    """An assertion of the case that does not hold."""

    @property
    def is_passed(self) -> bool:
        """Whether nothing failed."""
        return not (self.schema or self.grounding or self.task)


def judge(agent: Agent, output: Mapping[str, Any] | None, tool_calls: Iterable[Mapping[str, Any]]) -> Score:
    """Score a run of the agent's example."""
    calls = list(tool_calls)
    if output is None:
        return Score(agent.id, schema=["there is no output"])
    facts = [Fact.model_validate(item) for item in output.get("facts", ())]
    return Score(
        agent.id,
        schema=list(_schema_faults(agent, output)),
        grounding=[*_unbound(agent, output, facts), *_from_nowhere(facts, calls)],
        task=list(_broken(agent, output, facts, calls)),
    )


def texts(agent: Agent, output: Mapping[str, Any]) -> Iterator[str]:
    """Give every text that the agent's words make: headline, summary, advice, and the drafts that it wrote.

    A draft that a tool made is data: its figures are the tool's own, as those of a table are.
    """
    yield from _spoken(output)
    for name, source in agent.spec.parts.items():
        if source.startswith(DRAFT) and output.get(name):
            yield output[name]["text"]


def _spoken(output: Mapping[str, Any]) -> Iterator[str]:
    yield output["headline"]
    yield output["summary"]
    for item in output["advice"]["items"]:
        yield item["text"]
        yield item["why"]


def without_facts(text: str, facts: Iterable[Fact]) -> str:
    """Put a neutral word in the place of each fact's rendered form, the longest form before the shorter ones."""
    for rendered in sorted({fact.rendered for fact in facts}, key=len, reverse=True):
        text = text.replace(rendered, _MASK)
    return text


def _schema_faults(agent: Agent, output: Mapping[str, Any]) -> Iterator[str]:
    try:
        agent.output_model.model_validate(output)
    except ValidationError as error:
        for fault in error.errors():
            yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


def _unbound(agent: Agent, output: Mapping[str, Any], facts: list[Fact]) -> Iterator[str]:
    for text in texts(agent, output):
        for fault in number_guard.find_faults(without_facts(text, facts), ()):
            yield f"{fault.text} in: {text}"


def _from_nowhere(facts: list[Fact], calls: list[Mapping[str, Any]]) -> Iterator[str]:
    given = {item["rendered"] for call in calls for item in (call["result"] or {}).get("facts", ())}
    for fact in facts:
        if fact.rendered not in given:
            yield f"{fact.key} stands in no tool's result"


def _broken(
    agent: Agent, output: Mapping[str, Any], facts: list[Fact], calls: list[Mapping[str, Any]]
) -> Iterator[str]:
    case, known = agent.spec.case, by_key(facts)
    called = {call["tool"] for call in calls if call["result"] is not None}
    for name in case.must_call:
        if name not in called:
            yield f"{name} was not called"
    for name, test in case.facts.items():
        if not holds({name: test}, known):
            yield f"{name} is {known[name].value if name in known else 'not there'}"
    said = "\n".join(_spoken(output))
    for name in case.says:
        if name not in known:
            if case.facts.get(name) != Test(known=False):
                yield f"{name} is not there"
        elif known[name].rendered not in said:
            yield f"{name} is not said"
    for name in case.parts:
        part = output.get(name)
        if not part or not next((part[key] for key in ("rows", "points", "items", "text") if key in part), None):
            yield f"{name} is empty"
