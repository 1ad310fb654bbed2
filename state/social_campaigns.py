"""The social campaigns of the organisation: finding them, and pausing, resuming and ending them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import desk_watching, social
from bizosaas_app.gateway.contracts.social import CampaignId, ListCampaigns
from bizosaas_app.kernel.actor import Actor
from state import notices, social_words, words
from state.following import TABLE_PAUSE_SECONDS, FollowingState
from state.listing import ListingState
from state.policy import policy
from state.session import SessionState
from state.social_rows import SocialCampaignRow

MANAGE: Final = social.PERMISSION
PAUSED: Final = "Paused. Nothing more is published until you resume it."
RESUMED: Final = "It goes on. Posts whose time has passed go out from now on."


class SocialCampaignsState(FollowingState, ListingState, SessionState):
    """The table of social campaigns, kept up to date while it is open."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[SocialCampaignRow] = []
    sort: str = "-launched_at"
    filters: dict[str, str] = {"state": ""}

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the first page, and the shown one again as posts are published."""
        async with self:
            self._cursors = []
        await self._follow(TABLE_PAUSE_SECONDS)

    @rx.event
    @policy(MANAGE)
    async def pause(self, campaign_id: str) -> EventSpec:
        """Publish nothing more of a campaign for now."""
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
        page = await social.list_campaigns(actor, self._wanted(ListCampaigns))
        self.rows = [social_words.campaign_row(view) for view in page.items]
        self._paged(page)


async def pause(actor: Actor, campaign_id: str) -> str:
    """Pause the campaign, and say what came of it."""
    await social.pause(actor, CampaignId(campaign_id=notices.id_of(campaign_id)))
    return PAUSED


async def resume(actor: Actor, campaign_id: str) -> str:
    """Let the campaign go on, and say what came of it."""
    await social.resume(actor, CampaignId(campaign_id=notices.id_of(campaign_id)))
    return RESUMED


async def cancel(actor: Actor, campaign_id: str) -> str:
    """End the campaign, and say how many posts will never go out."""
    done = await social.cancel(actor, CampaignId(campaign_id=notices.id_of(campaign_id)))
    stopped = done.posts.get("cancelled", 0)
    if not stopped:
        return "Cancelled. Nothing was left to publish."
    return f"Cancelled. {words.counted(stopped, 'post', 'posts')} will never go out."
