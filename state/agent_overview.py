"""The agents as the platform's console counts them; a platform administrator runs none."""

from __future__ import annotations

from collections import Counter

import reflex as rx

from bizosaas_app.gateway import agent_engine, agents
from bizosaas_app.gateway.contracts.agents import ListAgents, ReadEngine
from state import agent_words, words
from state.agent_rows import FactRow
from state.area import AreaState
from state.policy import policy
from state.session import SessionState


class AgentOverviewState(AreaState, SessionState):
    """How many agents each area has, and which engine words their results."""

    areas: list[FactRow] = []
    total: str = ""
    engine: str = ""

    @rx.event
    @policy("access_platform", page_load=True)
    async def load(self) -> None:
        """Count the catalogue."""
        async with self._showing():
            actor = await self._actor()
            cards = (await agents.list_agents(actor, ListAgents(limit=200))).items
            view = await agent_engine.read_engine(actor, ReadEngine())
            self.areas = [
                FactRow(key=area, label=agent_words.area_label(area), value=words.number(count))
                for area, count in Counter(card.area for card in cards).items()
            ]
            self.total = words.counted(len(cards), "agent", "agents")
            self.engine = "the embedded engine, which needs no key" if view.is_embedded else view.name
            self._succeed(is_empty=not cards)
