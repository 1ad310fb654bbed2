"""The loader: reads the catalogue, checks it against the tools, and makes each agent's input and output models.

A closed world: the catalogue names tools, archetypes and actions of our registries, never a path to import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

import agents.tools  # noqa: F401  # fills the registry
from agents.facts import Fact
from agents.parts import KINDS, Checklist, Draft
from agents.spec import AREAS, AgentSpec, Archetype, Limits, Sentence
from agents.tooling import TOOLS, Tool
from agents.wording import slots_of

FOLDER: Final = Path(__file__).parent
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INPUT: Final = "$input."
DRAFT: Final = "draft."
"""How the source of a part begins that the agent itself writes."""


class CatalogueInvalid(Exception):
    """The catalogue contradicts itself or the tools; the message names the agent and the place."""


class AgentInput(BaseModel):
    """What a run is given; unknown fields are refused, and numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AgentOutput(BaseModel):
    """What a run gives: words whose figures are all among the facts, and the parts to show."""

    model_config = ConfigDict(frozen=True)

    headline: str = Field(min_length=1, max_length=300)
    summary: str = Field(min_length=1)
    facts: list[Fact]
    advice: Checklist
    written_by: str
    """The engine that chose the words, such as `embedded` or a model's name."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A checked specification with what follows from it."""

    spec: AgentSpec
    backstory: str
    limits: Limits
    tools: tuple[Tool, ...]
    input_model: type[AgentInput]
    output_model: type[AgentOutput]

    @property
    def id(self) -> str:
        """Its id in the catalogue."""
        return self.spec.id


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Agent]:
    """Give every agent by its id, in the order of the areas; raises `CatalogueInvalid`."""
    archetypes = {name: Archetype.model_validate(item) for name, item in _read(FOLDER / "archetypes.yaml").items()}
    agents: dict[str, Agent] = {}
    for area in AREAS:
        path = FOLDER / "catalogue" / f"{area}.yaml"
        for item in _read(path)["agents"] if path.exists() else ():
            agent = build(AgentSpec.model_validate({"area": area, **item}), archetypes)
            if agent.id in agents:
                raise CatalogueInvalid(f"two agents are named {agent.id}")
            agents[agent.id] = agent
    return MappingProxyType(agents)


def build(spec: AgentSpec, archetypes: Mapping[str, Archetype]) -> Agent:
    """Check a specification and give the agent; raises `CatalogueInvalid`."""
    if spec.archetype not in archetypes:
        raise CatalogueInvalid(f"{spec.id}: there is no archetype {spec.archetype}")
    steps = _steps(spec)
    input_model = _input_model(spec, steps)
    _check_words(spec, steps)
    agent = Agent(
        spec=spec,
        backstory=archetypes[spec.archetype].backstory,
        limits=spec.limits or archetypes[spec.archetype].limits,
        tools=tuple(dict.fromkeys(steps.values())),
        input_model=input_model,
        output_model=_output_model(spec, steps),
    )
    agent.input_model.model_validate(spec.example)
    return agent


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Give the references inside an argument: (`input` or a step's key, the name there)."""
    if isinstance(value, str) and value.startswith("$"):
        owner, _, name = value[1:].partition(".")
        yield owner, name
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def known_facts(spec: AgentSpec) -> set[str]:
    """Give the names under which texts and conditions may call facts: bare, and with their step."""
    names: set[str] = set()
    for step in spec.plan:
        for key in TOOLS[step.tool].facts:
            names |= {key, f"{step.key}.{key}"}
    return names


def _steps(spec: AgentSpec) -> dict[str, Tool]:
    steps: dict[str, Tool] = {}
    for step in spec.plan:
        if step.tool not in TOOLS:
            raise CatalogueInvalid(f"{spec.id}: there is no tool {step.tool}")
        tool = TOOLS[step.tool]
        if step.key in steps or step.key in ("input", "draft"):
            raise CatalogueInvalid(f"{spec.id}: two steps are called {step.key}")
        for name in step.arguments:
            if name not in tool.args.model_fields:
                raise CatalogueInvalid(f"{spec.id}: {step.tool} has no argument {name}")
        for owner, name in references(step.arguments):
            if owner != "input" and (owner not in steps or name not in steps[owner].result.model_fields):
                raise CatalogueInvalid(f"{spec.id}: {step.key} asks for ${owner}.{name}, which no earlier step gives")
        for option, words in (*step.only.items(), *step.if_allowed.items()):
            if not set(words) <= set(spec.options.get(option, ())):
                raise CatalogueInvalid(f"{spec.id}: {step.key} depends on {option}, which has no such words")
        for name, field in tool.args.model_fields.items():
            if field.is_required() and name not in step.arguments:
                raise CatalogueInvalid(f"{spec.id}: {step.key} lacks {name}")
        steps[step.key] = tool
    return steps


def _input_model(spec: AgentSpec, steps: Mapping[str, Tool]) -> type[AgentInput]:
    fields: dict[str, tuple[Any, FieldInfo]] = {}
    for step in spec.plan:
        for argument, value in step.arguments.items():
            if not (isinstance(value, str) and value.startswith(_INPUT)):
                continue
            name = value.removeprefix(_INPUT)
            field = steps[step.key].args.model_fields[argument]
            made = (field.rebuild_annotation(), field)
            if name in fields and str(fields[name][0]) != str(made[0]):
                raise CatalogueInvalid(f"{spec.id}: input {name} would be of two types")
            if name not in fields or field.is_required():
                fields[name] = made
    for name, words in spec.options.items():
        fields[name] = (Literal[tuple(words)], FieldInfo(default=words[0]))
    given: dict[str, Any] = dict(fields)
    return create_model(f"{_camel(spec.id)}Input", __base__=AgentInput, **given)


def _output_model(spec: AgentSpec, steps: Mapping[str, Tool]) -> type[AgentOutput]:
    parts: dict[str, Any] = {}
    for name, source in spec.parts.items():
        owner, _, key = source.partition(".")
        if source.startswith(DRAFT) and key in spec.drafts:
            parts[name] = (Draft, ...)
        elif owner in steps and key in steps[owner].parts:
            kind = KINDS[steps[owner].parts[key]]
            parts[name] = (kind | None, None)
        else:
            raise CatalogueInvalid(f"{spec.id}: part {name} is to be {source}, which nothing gives")
    return create_model(f"{_camel(spec.id)}Output", __base__=AgentOutput, **parts)


def _check_words(spec: AgentSpec, steps: Mapping[str, Tool]) -> None:
    known = known_facts(spec)
    for place, condition, templates in _texts(spec):
        for name in condition:
            if name not in known:
                raise CatalogueInvalid(f"{spec.id}: {place} depends on {name}, which no step gives")
        for template in templates:
            if lacking := [name for name in slots_of(template) if name not in known]:
                raise CatalogueInvalid(f"{spec.id}: {place} says {lacking[0]}, which no step gives")
            if any(sign.isdigit() for sign in template) or "{" in "".join(_outside_slots(template)):
                raise CatalogueInvalid(f"{spec.id}: {place} carries a figure of its own: {template}")
    if any(rule.when for rule in spec.headline[-1:]):
        raise CatalogueInvalid(f"{spec.id}: the last headline must hold always")
    for proposal in spec.proposals:
        for owner, name in references(proposal.arguments):
            if owner != "input" and (owner not in steps or name not in steps[owner].result.model_fields):
                raise CatalogueInvalid(f"{spec.id}: proposal {proposal.action} asks for ${owner}.{name}")


def _outside_slots(template: str) -> list[str]:
    rest = template
    for name in slots_of(template):
        rest = rest.replace("{" + name + "}", "")
    return [rest]


def _texts(spec: AgentSpec) -> Iterator[tuple[str, list[str], list[str]]]:
    """Give every text of a specification: its place, the facts that it depends on, its wordings."""
    rules: list[tuple[str, list[Sentence]]] = [("headline", spec.headline), ("summary", spec.summary)]
    rules += [(f"drafts.{name}", draft.sentences) for name, draft in spec.drafts.items()]
    for place, sentences in rules:
        for number, sentence in enumerate(sentences):
            yield f"{place}.{number}", list(sentence.when), sentence.text
    for number, advice in enumerate(spec.advice):
        yield f"advice.{number}", list(advice.when), [*advice.text, *advice.why]
    for proposal in spec.proposals:
        yield f"proposals.{proposal.action}", list(proposal.when), []
    yield "case", [*spec.case.facts, *spec.case.says], []


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _read(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # a safe loader
    return value
