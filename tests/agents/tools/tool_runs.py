"""Calling a tool as the runtime does, and reading its figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from agents import facts
from agents.tooling import Tool, ToolContext, ToolResult
from bizosaas_app.kernel.actor import Actor

NOW = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def context(timezone: str = "Europe/Berlin") -> ToolContext:
    actor = Actor.system(UUID(int=7))
    return ToolContext(actor=actor, now=NOW, timezone=timezone, currency="EUR", seed=1)


async def run(tool: Tool, timezone: str = "Europe/Berlin", **given: Any) -> Any:
    """Give the tool's own result type; the arguments come as a request brings them."""
    return await tool(context(timezone), tool.args.model_validate(given))


def figures(result: ToolResult) -> dict[str, Any]:
    """Give the value of each fact, money as its decimal text."""
    return {
        key: fact.value["amount"] if isinstance(fact.value, dict) else fact.value
        for key, fact in facts.by_key(result.facts).items()
    }


def rendered(result: ToolResult) -> dict[str, str]:
    return {key: fact.rendered for key, fact in facts.by_key(result.facts).items()}


def post(impressions: int, engagements: int, *, days: int = 0, hours: int = 0, **more: Any) -> dict[str, Any]:
    at = MONDAY + timedelta(days=days, hours=hours)
    given = {"network": "linkedin", "published_at": at, "impressions": impressions, "engagements": engagements}
    return given | more
