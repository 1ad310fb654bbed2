"""The keeper of a run: writes down what the runtime tells while the run goes on, and answers whether to go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.agent_bells import Bell
from bizosaas_app.gateway.ports import ToolCall
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import budgets, turns
from bizosaas_app.services.agents.turns import Superseded
from models import AgentRun


class RunKeeper:
    """Implements `RunWatch` for one try of a run; `actor` is the system, which only writes rows here.

    What comes after the run has ended, or after another worker has taken it over, is not written.
    """

    def __init__(self, actor: Actor, run: AgentRun, bell: Bell) -> None:
        self._actor = actor
        self._run_id: UUID = run.id
        self._number = run.tries
        self._bell = bell
        self._is_to_stop = False
        self._look_at = 0.0

    async def note(self, text: str) -> None:
        """See RunWatch.note."""
        async with self._writing() as session:
            run = await turns.note(session, self._actor, self._run_id, self._number, text)
            self._is_to_stop = run.is_cancel_asked

    async def called(self, call: ToolCall) -> None:
        """See RunWatch.called."""
        async with self._writing() as session:
            run = await turns.keep_call(session, self._actor, self._run_id, self._number, asdict(call))
            self._is_to_stop = run.is_cancel_asked

    async def is_cancelled(self) -> bool:
        """See RunWatch.is_cancelled. Looks when news have come, and from time to time."""
        moment = asyncio.get_running_loop().time()
        if not self._is_to_stop and (self._bell.has_rung or moment >= self._look_at):
            self._bell.hush()
            self._look_at = moment + self._bell.patience_seconds
            async with unit_of_work(self._actor) as session:
                self._is_to_stop = await turns.is_to_stop(session, self._run_id, self._number)
        return self._is_to_stop

    async def reserve(self, tokens: int, cost_usd: Decimal) -> None:
        """See RunWatch.reserve."""
        async with self._writing() as session:
            run = await turns.hold(session, self._run_id, self._number)
            await budgets.reserve(session, self._actor, run, tokens=tokens, cost_usd=cost_usd, now=utc_now())
            return
        raise LimitReached("The run is over", resets_in_seconds=1, code="budget_reached")

    async def settle(self, reserved: tuple[int, Decimal], used: tuple[int, Decimal]) -> None:
        """See RunWatch.settle."""
        async with self._writing() as session:
            run = await turns.hold(session, self._run_id, self._number)
            await budgets.settle(session, self._actor, run, reserved=reserved, used=used)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction; one that finds the run out of our hands ends without a word."""
        try:
            async with unit_of_work(self._actor) as session:
                yield session
        except Superseded:
            self._is_to_stop = True
