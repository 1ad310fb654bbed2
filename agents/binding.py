"""Binding: the arguments that the plan fills in, from the run's input and from earlier steps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from agents.loader import AgentInput, references
from agents.spec import Step
from agents.tooling import Tool, ToolResult


class NotThere(Exception):
    """An argument names the result of a step that was not taken."""


def bind(value: Any, given: AgentInput, results: Mapping[str, ToolResult]) -> Any:
    """Give the value with its references filled in; raises `NotThere`."""
    if isinstance(value, str) and value.startswith("$"):
        owner, name = next(references(value))
        if owner == "input":
            return getattr(given, name)
        if owner not in results:
            raise NotThere(owner)
        return _plain(getattr(results[owner], name))
    if isinstance(value, dict):
        return {key: bind(item, given, results) for key, item in value.items()}
    if isinstance(value, list):
        return [bind(item, given, results) for item in value]
    return value


def arguments(step: Step, tool: Tool, given: AgentInput, results: Mapping[str, ToolResult]) -> dict[str, Any] | None:
    """Give what the plan binds; None where a required argument would come from a step that was not taken.

    An optional one of such a step is left out.
    """
    bound: dict[str, Any] = {}
    for name, value in step.arguments.items():
        try:
            bound[name] = bind(value, given, results)
        except NotThere:
            if tool.args.model_fields[name].is_required():
                return None
    return bound


def is_taken(step: Step, given: AgentInput) -> bool:
    """Whether the input's options ask for this step."""
    return _holds(step.only, given)


def is_addition(step: Step, given: AgentInput) -> bool:
    """Whether the step is one that an asker without the right to its tool goes without."""
    return bool(step.if_allowed) and _holds(step.if_allowed, given)


def _holds(options: Mapping[str, list[str]], given: AgentInput) -> bool:
    return all(getattr(given, option) in words for option, words in options.items())


def needs(step: Step) -> list[str]:
    """Give the steps whose results this one takes."""
    return [owner for owner, _ in references(step.arguments) if owner != "input"]


def _plain(value: Any) -> Any:
    """Take models as their fields, so that another tool's model of the same shape accepts them."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
