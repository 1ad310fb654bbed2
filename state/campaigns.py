"""The campaigns of the organisation: finding them, and pausing, resuming and ending them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import campaigns, desk_watching
from bizosaas_app.gateway.contracts.campaigns import CampaignId, ListCampaigns
from bizosaas_app.kernel.actor import Actor
from state import campaign_words, notices, words
from state.campaign_rows import CampaignRow
from state.following import TABLE_PAUSE_SECONDS, FollowingState
from state.listing import ListingState
from state.policy import policy
from state.session import SessionState

MANAGE: Final = campaigns.PERMISSION
PAUSED: Final = "Paused. Nothing more goes out until you resume it."
RESUMED: Final = "It goes on. What fell due meanwhile goes at the next allowed hour."


class CampaignsState(FollowingState, ListingState, SessionState):
    """The table of campaigns, kept up to date while it is open."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[CampaignRow] = []
    sort: str = "-created_at"
    filters: dict[str, str] = {"status": ""}

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the first page, and the shown one again as messages go out."""
        async with self:
            self._cursors = []
        await self._follow(TABLE_PAUSE_SECONDS)

    @rx.event
    @policy(MANAGE)
    async def pause(self, campaign_id: str) -> EventSpec:
        """Send nothing more of a campaign for now."""
        return await self._attempt(lambda actor: pause(actor, campaign_id))

    @rx.event
    @policy(MANAGE)
    async def resume(self, campaign_id: str) -> EventSpec:
        """Let a paused campaign go on."""
        return await self._attempt(lambda actor: resume(actor, campaign_id))

    @rx.event
    @policy(MANAGE)
    async def cancel(self, campaign_id: str) -> EventSpec:
        """End a campaign for good."""
        return await self._attempt(lambda actor: cancel(actor, campaign_id))

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return desk_watching.watch_desk(actor, MANAGE)

    async def _read(self, actor: Actor) -> None:
        wanted = self._wanted(ListCampaigns, status=list(filter(None, [self.filters["status"]])))
        page = await campaigns.list_campaigns(actor, wanted)
        self.rows = [campaign_words.campaign_row(view) for view in page.items]
        self._paged(page)


async def pause(actor: Actor, campaign_id: str) -> str:
    """Pause the campaign, and say what came of it."""
    await campaigns.pause(actor, CampaignId(campaign_id=notices.id_of(campaign_id)))
    return PAUSED


async def resume(actor: Actor, campaign_id: str) -> str:
    """Let the campaign go on, and say what came of it."""
    await campaigns.resume(actor, CampaignId(campaign_id=notices.id_of(campaign_id)))
    return RESUMED


async def cancel(actor: Actor, campaign_id: str) -> str:
    """End the campaign, and say how many messages will never go."""
    done = await campaigns.cancel(actor, CampaignId(campaign_id=notices.id_of(campaign_id)))
    if not done.stopped:
        return "Cancelled. Nothing was left to send."
    return f"Cancelled. {words.counted(done.stopped, 'message', 'messages')} will never go."
