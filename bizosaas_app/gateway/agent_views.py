"""How runs, proposals and budgets are shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from bizosaas_app.gateway.contracts.agents import (
    AgentRunLine,
    AgentRunView,
    BudgetView,
    ProposalView,
    RunError,
    ToolCallView,
    UsageView,
)
from bizosaas_app.gateway.ports import Usage
from bizosaas_app.services.agents.budgets import Standing
from models import AgentProposal, AgentRun, AgentToolCall


def run_line(run: AgentRun, proposals: Sequence[UUID], asked_by: str = "") -> AgentRunLine:
    """Show a run in a list."""
    return AgentRunLine(**_common(run, proposals), asked_by=asked_by)


def run_view(
    run: AgentRun, calls: Sequence[AgentToolCall], proposals: Sequence[UUID], asked_by: str = ""
) -> AgentRunView:
    """Show a run whole."""
    return AgentRunView(
        **_common(run, proposals),
        asked_by=asked_by,
        input=run.input,
        output=run.output,
        trace_id=run.trace_id,
        tool_calls=[ToolCallView.model_validate(call.model_dump()) for call in calls],
    )


def proposal_view(row: AgentProposal) -> ProposalView:
    """Show a proposal."""
    return ProposalView.model_validate(row.model_dump())


def budget_view(standing: Standing) -> BudgetView:
    """Show a budget and what is used of it."""
    budget = standing.budget
    return BudgetView(
        tokens_per_day=budget.tokens_per_day,
        cost_usd_per_day=None if budget.cost_usd_per_day is None else dollars(budget.cost_usd_per_day),
        runs_at_once=budget.runs_at_once,
        tokens_used=standing.tokens,
        cost_usd_used=dollars(standing.cost_usd),
        resets_at=standing.resets_at,
    )


def usage_document(usage: Usage) -> dict[str, Any]:
    """Give what a run has used as it is kept and shown."""
    return UsageView(
        steps=usage.steps,
        tool_calls=usage.tool_calls,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost_usd=dollars(usage.cost_usd),
        seconds=round(usage.seconds, 3),
    ).document()


def dollars(amount: Decimal) -> str:
    """Write an amount as decimal text without needless zeros."""
    plain = f"{amount:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _common(run: AgentRun, proposals: Sequence[UUID]) -> dict[str, Any]:
    error = RunError(code=run.error_code, message=run.error_message or "") if run.error_code else None
    return {
        "run_id": run.id,
        "agent_id": run.agent_id,
        "status": run.status,
        "note": run.note,
        "headline": str((run.output or {}).get("headline", "")),
        "usage": UsageView.model_validate(run.usage),
        "engine": run.engine,
        "error": error,
        "proposals": list(proposals),
        "is_cancel_asked": run.is_cancel_asked,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }
