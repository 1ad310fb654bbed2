"""Runs a tool as the runtime does: arguments as JSON would bring them, a context that tells the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from agents import facts
from agents.parts import Cell
from agents.tooling import Tool, ToolContext, ToolResult
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now

NOBODY = ToolContext(
    actor=Actor.system(uuid4()),
    now=datetime(2026, 6, 3, 12, tzinfo=UTC),  # a Wednesday
    timezone="Europe/Berlin",
    currency="EUR",
    seed=7,
)
"""Of a tool that reads nothing of a tenant."""


async def run(tool: Tool, context: ToolContext = NOBODY, **arguments: Any) -> Any:
    """Check the arguments and run; the result is of the tool's own type."""
    return await tool(context, tool.args.model_validate(arguments))


def call(tool: Tool, **arguments: Any) -> Any:
    """Run a tool that waits for nothing, where a test cannot wait either."""
    running = run(tool, **arguments)
    try:
        running.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError(f"{tool.name} waits for something")


def of(actor: Actor) -> ToolContext:
    """Give the context of an actor, now."""
    return replace(NOBODY, actor=actor, now=utc_now())


def told(result: ToolResult, *keys: str) -> dict[str, float | str]:
    """Give facts by key as conditions see them: these, or all."""
    return {fact.key: fact.size for fact in result.facts if not keys or fact.key in keys}


def figures(result: ToolResult) -> dict[str, Any]:
    """Give the value of each fact, an amount as its decimal text."""
    return {
        key: fact.value["amount"] if isinstance(fact.value, dict) else fact.value
        for key, fact in facts.by_key(result.facts).items()
    }


def figure(result: ToolResult, key: str) -> Any:
    """Give a fact's value, an amount as a Decimal; None if the fact is not there."""
    fact = next((fact for fact in result.facts if fact.key == key), None)
    if fact is None:
        return None
    return Decimal(fact.value["amount"]) if isinstance(fact.value, dict) else fact.value


def rendered(result: ToolResult) -> dict[str, str]:
    """Give the form of each fact in which a text carries it."""
    return {key: fact.rendered for key, fact in facts.by_key(result.facts).items()}


def rows(result: ToolResult, part: str) -> list[dict[str, Cell]]:
    """Give the rows of a table."""
    return list(result.parts[part].rows)  # type: ignore[union-attr]  # a test that names a chart fails


def cells(result: ToolResult, part: str, column: str) -> list[Any]:
    """Give a column of a table; amounts as Decimals."""
    table: Any = result.parts[part]
    kind = next(item.kind for item in table.columns if item.key == column)
    values = [row.get(column) for row in table.rows]
    return [Decimal(value) if kind == "money" and value is not None else value for value in values]


def text(result: ToolResult, part: str) -> str:
    """Give the text of a draft."""
    shown: Any = result.parts[part]
    return str(shown.text)
