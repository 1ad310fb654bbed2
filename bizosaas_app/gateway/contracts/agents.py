"""Agents, their runs, and what they propose."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, Moment, Paging, View

AgentId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
RunStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ProposalStatus = Literal["pending", "rejected", "executing", "executed", "failed", "expired"]

LONGEST_WAIT_SECONDS = 60
"""How long a request may wait for a run: beyond it proxies give up."""


class AgentCard(View):
    """An agent in the list; `title` is its name as people read it."""

    id: str
    name: str
    title: str
    area: str
    goal: str


class LimitsView(View):
    """What a run may use: model calls, tool calls, seconds, tokens in and out, and US dollars as decimal text."""

    steps: int
    tool_calls: int
    seconds: float
    tokens: int
    cost_usd: str


class AgentView(AgentCard):
    """An agent as a caller needs it: JSON schemas of input and output, and an input to try."""

    role: str
    tools: list[str]
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    example_input: dict[str, Any]
    limits: LimitsView


class ListAgents(Paging):
    """Which page of the catalogue; `area` keeps one area."""

    area: str | None = Field(None, max_length=60)


class ReadAgent(Command):
    """Which agent."""

    agent_id: AgentId


class StartBody(Command):
    """The agent's input, and for how many seconds the answer may wait for the end (0 to 60)."""

    input: dict[str, Any] = Field(default_factory=dict)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT_SECONDS, strict=True)


class StartRun(StartBody):
    """Run an agent."""

    agent_id: AgentId


class RunId(Command):
    """Which run."""

    run_id: UUID


class ListAgentRuns(Paging):
    """Which page of the runs, newest first; one's own, or everybody's for who manages agents."""

    agent_id: AgentId | None = None


class UsageView(View):
    """What a run has used; `cost_usd` is decimal text."""

    steps: int = 0
    tool_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: str = "0"
    seconds: float = 0


class ToolCallView(View):
    """A tool call: who made it, with which arguments, and what came back (`error` in words where it failed)."""

    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None = None
    by: Literal["model", "runtime"] = "model"
    milliseconds: int = 0


class RunError(View):
    """Why a run failed: a code, and words for whoever asked for it."""

    code: str
    message: str


class AgentRunLine(View):
    """A run in the list: without its input, output and tool calls."""

    run_id: UUID
    agent_id: str
    status: RunStatus
    note: str = ""
    """What it is doing now."""
    headline: str = ""
    """The result in one sentence, once there is one."""
    asked_by: str = ""
    """Name of the member or the API key that asked for it."""
    usage: UsageView
    engine: str | None
    """Who chose the words: `embedded`, or the model's name."""
    error: RunError | None
    proposals: list[UUID] = Field(default_factory=list)
    is_cancel_asked: bool = False
    created_at: Moment
    finished_at: Moment | None


class AgentRunView(AgentRunLine):
    """A run."""

    input: dict[str, Any]
    output: dict[str, Any] | None
    tool_calls: list[ToolCallView]
    trace_id: str = ""
    """Id of the request that asked for the run, as the logs have it."""


class ListProposals(Paging):
    """Which page of the proposals, newest first; `status` keeps one kind."""

    status: ProposalStatus | None = None


class ProposalView(View):
    """A change that an agent proposes; it is carried out once, with the rights of whoever approves it."""

    id: UUID
    run_id: UUID
    agent_id: str
    action: str
    title: str
    arguments: dict[str, Any]
    status: ProposalStatus
    note: str = ""
    result: dict[str, Any] | None = None
    failure: str | None = None
    created_at: Moment
    decided_at: Moment | None
    decided_by: UUID | None


class DecisionBody(Command):
    """Approve or reject, with a note for the record."""

    decision: Literal["approve", "reject"]
    note: str = Field("", max_length=500)


class DecideProposal(DecisionBody):
    """Decide on a proposal."""

    proposal_id: UUID


class ReadBudget(Command):
    """Asks for the budget; no parameters."""


class BudgetView(View):
    """A tenant's budget of a day (in its time zone), and what is used of it; null is without a bound."""

    tokens_per_day: int | None
    cost_usd_per_day: str | None
    runs_at_once: int
    tokens_used: int
    cost_usd_used: str
    resets_at: Moment


class SetBudget(Command):
    """Change the budget; null takes a bound away."""

    tokens_per_day: int | None = Field(None, ge=0, le=1_000_000_000, strict=True)
    cost_usd_per_day: float | None = Field(None, ge=0, le=100_000, strict=True)
    runs_at_once: int = Field(4, ge=1, le=50, strict=True)


class ReadEngine(Command):
    """Asks which engine words the results; no parameters."""


class EngineView(View):
    """The engine that words the results: the embedded one, or the model that is configured."""

    name: str
    is_embedded: bool
