"""Runs of agents in tests: an order, and a watch that keeps what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from agents.loader import catalogue
from bizosaas_app.gateway.ports import RunOrder, ToolCall
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.kernel.ids import new_id

AGENT = "receivables_watch"
MEMBER = Actor(
    tenant_id=new_id(), user_id=new_id(), role="member", permissions=frozenset({"use_agents"}), channel="http"
)


@dataclass
class Watch:
    """A `RunWatch` in memory; `cancel_at` stops the run at the note that begins with it."""

    cancel_at: str | None = None
    notes: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    reserved: list[tuple[int, Decimal]] = field(default_factory=list)
    settled: list[tuple[int, Decimal]] = field(default_factory=list)
    is_cancel_asked: bool = False
    budget: int | None = None
    """Tokens that the tenant may use."""

    async def note(self, text: str) -> None:
        self.notes.append(text)
        self.is_cancel_asked |= self.cancel_at is not None and text.startswith(self.cancel_at)

    async def called(self, call: ToolCall) -> None:
        self.calls.append(call)

    async def is_cancelled(self) -> bool:
        return self.is_cancel_asked

    async def reserve(self, tokens: int, cost_usd: Decimal) -> None:
        if self.budget is not None and sum(used for used, _ in self.settled) + tokens > self.budget:
            raise LimitReached("The budget of the day is used up", resets_in_seconds=60, code="budget_reached")
        self.reserved.append((tokens, cost_usd))

    async def settle(self, reserved: tuple[int, Decimal], used: tuple[int, Decimal]) -> None:
        assert reserved in self.reserved
        self.settled.append(used)


def order(agent_id: str = AGENT, *, seed: int = 0, **changes: Any) -> RunOrder:
    """The agent's example, asked for by a member; of an agent that is not in the catalogue, an empty input."""
    agent = catalogue().get(agent_id)
    given = agent.input_model.model_validate(agent.spec.example).model_dump(mode="json") if agent else {}
    made = RunOrder(new_id(), agent_id, MEMBER, given, seed, "UTC", "EUR")
    return replace(made, **changes)
