"""One campaign: how far it is, steering it, and what became of each message."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import ClassVar
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import campaigns, desk_watching
from bizosaas_app.gateway.contracts.campaigns import CampaignId, ListSends, SendId, SendsWanted
from bizosaas_app.kernel.actor import Actor
from state import campaign_words, notices
from state import campaigns as desk
from state.area import Next
from state.campaign_rows import SendRow, ShownCampaign
from state.campaigns import MANAGE
from state.listing import ListingState
from state.named import NamedState
from state.policy import policy
from state.rows import StatRow
from state.session import SessionState
from state.steering import SteeringState


class CampaignState(SteeringState, SessionState):
    """The campaign that the address names (`?id=`)."""

    GUARD: ClassVar[str] = MANAGE

    shown: ShownCampaign = campaign_words.NO_CAMPAIGN
    stats: list[StatRow] = []

    @rx.event
    @policy(MANAGE)
    async def pause(self) -> AsyncIterator[Next]:
        """Send nothing more for now."""
        async for event in self._steer(lambda actor: desk.pause(actor, self._asked_id), CampaignSendsState.reload):
            yield event

    @rx.event
    @policy(MANAGE)
    async def resume(self) -> AsyncIterator[Next]:
        """Let it go on."""
        async for event in self._steer(lambda actor: desk.resume(actor, self._asked_id), CampaignSendsState.reload):
            yield event

    @rx.event
    @policy(MANAGE)
    async def cancel(self) -> AsyncIterator[Next]:
        """End it for good."""
        async for event in self._steer(lambda actor: desk.cancel(actor, self._asked_id), CampaignSendsState.reload):
            yield event

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return desk_watching.watch_desk(actor, MANAGE)

    async def _read_named(self, actor: Actor, named: UUID) -> None:
        view = await campaigns.read_campaign(actor, CampaignId(campaign_id=named))
        self.shown, self.stats = campaign_words.shown(view), campaign_words.stats(view.counts)
        self._succeed()

    def _forget(self) -> None:
        self.area, self.shown, self.stats = "loading", campaign_words.NO_CAMPAIGN, []


class CampaignSendsState(NamedState, ListingState, SessionState):
    """The messages of the campaign that the address names."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[SendRow] = []
    sort: str = "due_at"
    filters: dict[str, str] = {"status": ""}

    @rx.event
    @policy(MANAGE)
    async def retry(self, send_id: str) -> Next:
        """Send a failed message once more."""
        return [await self._attempt(lambda actor: self._retry(actor, send_id)), CampaignState.reload]

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return desk_watching.watch_desk(actor, MANAGE)

    async def _read_named(self, actor: Actor, named: UUID) -> None:
        wanted = self._wanted(SendsWanted, status=list(filter(None, [self.filters["status"]])))
        page = await campaigns.list_sends(actor, ListSends(campaign_id=named, wanted=wanted))
        campaign = await campaigns.read_campaign(actor, CampaignId(campaign_id=named))
        can_retry = campaign.status != "cancelled"
        self.rows = [campaign_words.send_row(view, can_retry=can_retry) for view in page.items]
        self._paged(page)

    async def _retry(self, actor: Actor, send_id: str) -> str:
        command = SendId(campaign_id=self._named_id, send_id=notices.id_of(send_id))
        await campaigns.retry_send(actor, command)
        return "It is sent once more, at the next allowed hour."

    def _forget(self) -> None:
        self.area, self.rows, self.query, self._cursors = "loading", [], "", []
        self.filters = dict.fromkeys(self.filters, "")
