"""The latest runs of agents: one's own, and everybody's for who manages agents."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import ClassVar, Final

import reflex as rx

from bizosaas_app.gateway import agent_watching, agents
from bizosaas_app.gateway.contracts.agents import ListAgentRuns, ListAgents
from bizosaas_app.kernel.actor import Actor
from state import agent_panel
from state.agent_rows import RunRow
from state.agents import USE
from state.following import FollowingState
from state.policy import policy
from state.session import SessionState

PAGE_SIZE: Final = 20
_MOST: Final = 200


class AgentRunsState(FollowingState, SessionState):
    """Runs, newest first, kept up to date."""

    GUARD: ClassVar[str] = USE

    rows: list[RunRow] = []
    has_more: bool = False
    is_loading_more: bool = False

    _cursor: str = ""
    _names: dict[str, str] = {}

    @rx.event
    @policy(USE)
    async def show_more(self) -> AsyncIterator[None]:
        """Read the next page and put it below."""
        self.is_loading_more = True
        yield
        try:
            known = {row["id"] for row in self.rows}
            rows = await self._page(await self._actor(), PAGE_SIZE, self._cursor)
            self.rows = [*self.rows, *(row for row in rows if row["id"] not in known)]
        finally:
            self.is_loading_more = False

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return agent_watching.watch_agents(actor)

    async def _read(self, actor: Actor) -> None:
        if not self._names:
            cards = (await agents.list_agents(actor, ListAgents(limit=200))).items
            self._names = {card.id: card.title for card in cards}
        self.rows = await self._page(actor, min(_MOST, max(PAGE_SIZE, len(self.rows))), "")
        self._succeed(is_empty=not self.rows)

    async def _page(self, actor: Actor, limit: int, cursor: str) -> list[RunRow]:
        page = await agents.list_runs(actor, ListAgentRuns(limit=limit, cursor=cursor or None))
        self._cursor, self.has_more = page.next_cursor or "", page.next_cursor is not None
        return [agent_panel.run_row(view, self._names) for view in page.items]
