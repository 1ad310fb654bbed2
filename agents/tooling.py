"""Tools: what an agent may call. Deterministic, typed code that reads; none of them changes state.

A tool is a function with a pydantic model of arguments. It declares which facts and parts it can give, so that the
catalogue is checked against them before anything runs. Errors: `ToolFailed` is final, `ToolNeedsMore` tells the
caller what to put right.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from agents.facts import Fact, Unit
from agents.parts import Part, PartKind
from bizosaas_app.kernel.actor import Actor

LARGEST: Final = 1e15
"""The largest size of a figure whose kind is not known: up to there a float tells neighbouring whole numbers apart."""

Figure = Annotated[float, Field(allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
"""A figure in a row of the input; the model of the row does not inherit what `Args` refuses."""

A = TypeVar("A", bound="Args")
R = TypeVar("R", bound="ToolResult")


class Args(BaseModel):
    """The arguments of a tool; unknown ones are refused, and numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ToolResult(BaseModel):
    """What a tool gives: facts, parts to show, and (in subclasses) typed values that a later step can take."""

    model_config = ConfigDict(frozen=True)

    facts: list[Fact] = Field(default_factory=list)
    parts: dict[str, SerializeAsAny[Part]] = Field(default_factory=dict)
    source: str = ""
    """Where the numbers come from, in words: `ledger`, `input`, or an address."""


class ToolFailed(Exception):
    """The tool cannot give a result, and trying again will not help; the message is for the person."""


class ToolNeedsMore(ToolFailed):
    """The arguments do not suffice; the message says what to put right."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool knows of its run. The actor comes from the run's row, never from a model's words."""

    actor: Actor
    now: datetime
    timezone: str
    currency: str
    seed: int = 0


Run = Callable[[ToolContext, Any], ToolResult | Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A tool with its declaration."""

    name: str
    description: str
    args: type[Args]
    result: type[ToolResult]
    run: Run
    permission: str | None
    facts: Mapping[str, Unit] = field(default_factory=dict)
    parts: Mapping[str, PartKind] = field(default_factory=dict)

    async def __call__(self, context: ToolContext, arguments: Args) -> ToolResult:
        """Run it for the context's actor.

        Raises `ToolFailed`, `NotPermitted` for an actor without the tool's permission, and `AssertionError` when it
        gives what it did not declare.
        """
        if self.permission is not None:
            context.actor.require(self.permission)
        given = self.run(context, arguments)
        result = await given if inspect.isawaitable(given) else given
        unknown = [fact.key for fact in result.facts if self.facts.get(fact.key) != fact.unit]
        unknown += [key for key, part in result.parts.items() if self.parts.get(key) != part.kind]
        if unknown:
            raise AssertionError(f"{self.name} gives undeclared {', '.join(unknown)}")
        return result


TOOLS: Final[dict[str, Tool]] = {}
"""Every tool by its name, filled as `agents.tools` is imported."""


def tool(
    *,
    facts: Mapping[str, Unit] | None = None,
    parts: Mapping[str, PartKind] | None = None,
    permission: str | None = None,
) -> Callable[[Callable[[ToolContext, A], R | Awaitable[R]]], Tool]:
    """Declare a function as the tool of its name; its docstring is what a model reads.

    `permission` is the least that its caller must hold; operations that it calls check their own as well.
    """

    def declare(run: Callable[[ToolContext, A], R | Awaitable[R]]) -> Tool:
        hints = inspect.get_annotations(run, eval_str=True)
        arguments = [hint for hint in hints.values() if inspect.isclass(hint) and issubclass(hint, Args)]
        result = hints["return"]
        name = run.__name__
        if name in TOOLS or len(arguments) != 1 or not run.__doc__:
            raise ValueError(f"{name}: a tool needs a name of its own, one model of arguments and a docstring")
        made = Tool(
            name=name,
            description=inspect.cleandoc(run.__doc__),
            args=arguments[0],
            result=cast(type[ToolResult], result),
            run=run,
            permission=permission,
            facts=dict(facts or {}),
            parts=dict(parts or {}),
        )
        TOOLS[name] = made
        return made

    return declare
