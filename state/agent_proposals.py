"""The changes that agents propose, and the decision of whoever manages agents."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar, Final

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import agent_proposals, agent_watching, agents
from bizosaas_app.gateway.contracts.agents import DecideProposal, ListAgents, ListProposals, ProposalView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import agent_panel, notices, words
from state.agent_rows import ProposalRow
from state.agents import MANAGE
from state.area import refusal
from state.following import FollowingState
from state.policy import policy
from state.session import SessionState

PENDING, ALL = "pending", "all"
PAGE_SIZE: Final = 50
LONGEST_NOTE: Final = 500


class AgentProposalsState(FollowingState, SessionState):
    """Proposals, newest first: those that wait for a decision, or all of them."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[ProposalRow] = []
    shown: str = PENDING
    waiting: int = 0
    note: str = ""

    _names: dict[str, str] = {}

    @rx.event
    @policy(MANAGE)
    async def choose_shown(self, shown: str) -> None:
        """Show what waits for a decision, or everything."""
        self.shown = ALL if shown == ALL else PENDING
        await self._reread()

    @rx.event
    @policy(MANAGE)
    def write_note(self, note: str) -> None:
        """Keep the note of the decision that is being made."""
        self.note = str(note)[:LONGEST_NOTE]

    @rx.event
    @policy(MANAGE)
    def open_decision(self, _is_open: bool) -> None:
        """Begin and end a decision without a note."""
        self.note = ""

    @rx.event
    @policy(MANAGE)
    async def decide(self, proposal_id: str, decision: str) -> EventSpec:
        """Approve or reject; what is approved is carried out with one's own rights."""
        asked = {"proposal_id": notices.id_of(proposal_id), "decision": decision, "note": self.note}
        self.note, actor = "", await self._actor()
        try:
            view = await agent_proposals.decide(actor, DecideProposal.model_validate(asked))
        except (AppError, ValidationError) as error:
            return refusal(error, "That could not be decided")
        finally:
            await self._reread()
        return _toast(view)

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return agent_watching.watch_agents(actor)

    async def _read(self, actor: Actor) -> None:
        if not self._names:
            cards = (await agents.list_agents(actor, ListAgents(limit=200))).items
            self._names = {card.id: card.title for card in cards}
        page = await agent_proposals.list_proposals(actor, ListProposals(limit=PAGE_SIZE, status=PENDING))
        self.waiting = len(page.items)
        if self.shown == ALL:
            page = await agent_proposals.list_proposals(actor, ListProposals(limit=PAGE_SIZE))
        self.rows = [agent_panel.proposal_row(view, self._names) for view in page.items]
        self._succeed(is_empty=not self.rows)


def _toast(view: ProposalView) -> EventSpec:
    if view.status == "rejected":
        return rx.toast.info("Rejected. Nothing was changed.")
    if view.status == "failed":
        return rx.toast.error(words.sentence(view.failure or "It could not be carried out"))
    return rx.toast.success("Approved. It is carried out with your rights.")
