"""Open desks: what is steered and what arrives is told, to the desk's permission alone."""

from __future__ import annotations

from contextlib import aclosing
from uuid import UUID

import pytest

from bizosaas_app.gateway import campaigns, desk_watching
from bizosaas_app.gateway.contracts.campaigns import CampaignId
from bizosaas_app.kernel.errors import NotPermitted
from bizosaas_app.services import desk_news
from bizosaas_app.services.gamification import boards
from tests.gateway.test_page_watching import heard
from tests.support.boards import arena, running_relay
from tests.support.campaigns import ADMIN, MIA, Office, office
from tests.support.followers import hub

__all__ = ["arena", "hub", "office", "running_relay"]


@pytest.mark.usefixtures("hub")
async def test_a_pause_and_messages_that_go_out_are_news_for_the_desk(office: Office) -> None:
    admin = await office.arena.world.actor(ADMIN)
    launched = await office.launch()
    named = CampaignId(campaign_id=UUID(launched["id"]))
    async with aclosing(desk_watching.watch_desk(admin, campaigns.PERMISSION)) as news:
        assert not (await anext(news)).changes
        await campaigns.pause(admin, named)
        await heard(news, desk_news.TOPIC)
        await campaigns.resume(admin, named)
        await office.work()
        await heard(news, boards.TOPIC)


async def test_nobody_without_the_permission_is_told(office: Office) -> None:
    member = await office.arena.world.actor(MIA)
    with pytest.raises(NotPermitted):
        await anext(desk_watching.watch_desk(member, campaigns.PERMISSION))
