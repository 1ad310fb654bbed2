"""Calls a tool as the runtime does: arguments through its model, the result through its declaration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from agents.tooling import Tool, ToolContext, ToolResult
from bizosaas_app.kernel.actor import Actor

CONTEXT = ToolContext(
    actor=Actor.system(UUID(int=1)), now=datetime(2026, 6, 30, 9, tzinfo=UTC), timezone="UTC", currency="EUR"
)


async def call(tool: Tool, **given: Any) -> Any:
    """Give the tool's result; raises what the tool raises, and `ValidationError` for arguments that it refuses."""
    return await tool(CONTEXT, tool.args.model_validate(given))


def values(result: ToolResult) -> dict[str, Any]:
    """Give the facts' values by their keys."""
    return {fact.key: fact.value for fact in result.facts}


def rows(result: ToolResult, part: str) -> list[dict[str, Any]]:
    """Give the rows of a table."""
    shown: Any = result.parts[part]
    return [dict(row) for row in shown.rows]


def text(result: ToolResult, part: str) -> str:
    """Give the text of a draft."""
    shown: Any = result.parts[part]
    return str(shown.text)
