"""Ports: what the gateway needs from above. The composition root fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

from bizosaas_app.gateway.contracts.agents import AgentCard, AgentView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True)
class RunOrder:
    """A run to be done: who asked (never the system), which agent, and its checked input."""

    run_id: UUID
    agent_id: str
    actor: Actor
    input: Mapping[str, Any]
    seed: int
    """Draws the wording of the embedded engine."""
    timezone: str
    currency: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call that has been made; `result` is None where it failed."""

    number: int
    tool: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any] | None
    error: str | None
    by: Literal["model", "runtime"]
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run has used."""

    steps: int = 0
    tool_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change that a person may approve."""

    action: str
    title: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended. `code` names the reason of a failure, such as `limit_seconds` or `provider_failed`."""

    status: Literal["succeeded", "failed", "cancelled"]
    engine: str
    usage: Usage
    output: Mapping[str, Any] | None = None
    code: str | None = None
    message: str | None = None
    proposals: Sequence[Proposed] = field(default_factory=tuple)


class RunWatch(Protocol):
    """What a run tells while it goes on, and asks. Called on the event loop."""

    async def note(self, text: str) -> None:
        """Say what the run does now, in words for its owner."""

    async def called(self, call: ToolCall) -> None:
        """Keep a tool call."""

    async def is_cancelled(self) -> bool:
        """Whether somebody has asked the run to stop."""

    async def reserve(self, tokens: int, cost_usd: Decimal) -> None:
        """Take the most that the next model call can use from the tenant's budget.

        Raises `LimitReached` with the code `budget_reached`, and then nothing is taken.
        """

    async def settle(self, reserved: tuple[int, Decimal], used: tuple[int, Decimal]) -> None:
        """Give back what the call did not use of its reservation (tokens, US dollars)."""


class AgentRunner(Protocol):
    """The agents' runtime."""

    def cards(self) -> Sequence[AgentCard]:
        """Give every agent, in the catalogue's order."""

    def describe(self, agent_id: str) -> AgentView:
        """Give an agent; raises `NotFound`."""

    def permission(self, agent_id: str) -> str:
        """Give the permission that running it needs; raises `NotFound`."""

    def check(self, agent_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give the input as JSON-ready data with its defaults.

        Raises `NotFound`, or `InputInvalid` whose fields begin with `input.`.
        """

    async def run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        """Do a run to its end; it never raises for what a run can meet, only for a bug."""


_agents: AgentRunner | None = None


def serve_agents(runner: AgentRunner | None) -> None:
    """Make this the runtime of the process (`None` takes it away)."""
    global _agents  # noqa: PLW0603  # one runtime in a process; this is the only place that sets it
    _agents = runner


def agents() -> AgentRunner:
    """Give the runtime; raises `Unavailable` in a process without one."""
    if _agents is None:
        raise Unavailable("Agents are not served by this process", retry_after_seconds=60)
    return _agents
