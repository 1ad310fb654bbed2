"""Calls of tools in tests: with plain arguments, as a run makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from agents.tooling import Tool, ToolContext
from bizosaas_app.kernel.actor import Actor

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def context() -> ToolContext:
    """Give a run in euros on 1 July 2026."""
    return ToolContext(actor=Actor.system(uuid4()), now=NOW, timezone="UTC", currency="EUR")


def call(tool: Tool, **arguments: Any) -> Any:
    """Check the arguments, run a tool that waits for nothing, and give its result."""
    running = tool(context(), tool.args.model_validate(arguments))
    try:
        running.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError(f"{tool.name} waits for something")


def figure(result: Any, key: str) -> Any:
    """Give a fact's value, an amount as a Decimal; None if the fact is not there."""
    fact = next((fact for fact in result.facts if fact.key == key), None)
    if fact is None:
        return None
    return Decimal(fact.value["amount"]) if isinstance(fact.value, dict) else fact.value


def cells(result: Any, part: str, column: str) -> list[Any]:
    """Give a column of a table; amounts as Decimals."""
    table = result.parts[part]
    kind = next(item.kind for item in table.columns if item.key == column)
    values = [row.get(column) for row in table.rows]
    return [Decimal(value) if kind == "money" and value is not None else value for value in values]
