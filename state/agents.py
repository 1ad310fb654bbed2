"""The catalogue of agents: all of them by area, with a search."""

from __future__ import annotations

from typing import ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import agents
from bizosaas_app.gateway.contracts.agents import ListAgents
from state import agent_panel, agent_words, words
from state.agent_rows import AgentRow, AreaRow
from state.area import AreaState, Next
from state.policy import policy
from state.rows import Choice
from state.session import SessionState
from state.tabs import TabsState

USE: Final = "use_agents"
MANAGE: Final = "manage_agents"
ALL: Final = "all"
LONGEST_SEARCH: Final = 80


class AgentsState(AreaState, TabsState, SessionState):
    """The agents that the area and the search let through, and the tab of their page that is open."""

    GUARD: ClassVar[str] = USE
    TABS: ClassVar[tuple[str, ...]] = ("catalogue", "runs", "proposals", "budget")

    sections: list[AreaRow] = []
    areas: list[Choice] = []
    area_key: str = ALL
    query: str = ""
    found: str = ""

    _all: list[AgentRow] = []

    @rx.event
    @policy(MANAGE, page_load=True)
    def load_for_admin(self) -> Next:
        """Open the administrators' page; members have one of their own."""
        return AgentsState.load

    @rx.event
    @policy(USE, page_load=True)
    async def load(self) -> None:
        """Read the catalogue."""
        self._open_asked_tab()
        async with self._showing():
            page = await agents.list_agents(await self._actor(), ListAgents(limit=200))
            self._all = [AgentRow(id=card.id, name=card.title, goal=card.goal, area=card.area) for card in page.items]
            keys = dict.fromkeys(row["area"] for row in self._all)
            named = [Choice(value=key, label=agent_words.area_label(key)) for key in keys]
            self.areas = [Choice(value=ALL, label="All areas"), *named]
            self._choose()
            self._succeed(is_empty=not self._all)

    @rx.event
    @policy(USE)
    def choose_area(self, area: str) -> EventSpec | None:
        """Show one area, or all of them."""
        if area not in {choice["value"] for choice in self.areas}:
            return rx.toast.error("There is no such area")
        self.area_key = area
        self._choose()
        return None

    @rx.event
    @policy(USE)
    def search(self, query: str) -> None:
        """Show the agents in which every word occurs."""
        self.query = str(query)[:LONGEST_SEARCH]
        self._choose()

    def _choose(self) -> None:
        area = "" if self.area_key == ALL else self.area_key
        self.sections = agent_panel.areas(self._all, area, self.query)
        count = sum(len(section["agents"]) for section in self.sections)
        self.found = words.counted(count, "agent", "agents")
