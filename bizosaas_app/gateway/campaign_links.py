"""The public side of campaigns: somebody follows a link in a mail."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.contracts.campaign_links import FollowCampaignLink, TargetView
from bizosaas_app.gateway.http.addresses import address_bucket
from bizosaas_app.gateway.limits.quota import charge
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.campaigns import clicks
from bizosaas_app.services.campaigns.links import Link
from bizosaas_app.services.gamification.fraud import keyed
from bizosaas_app.services.gamification.portfolios import visits

CLICKS_PER_HOUR: Final = 600
"""Recorded from one address: an office behind one address stays below it. Beyond it people are led on, but nothing is
written."""


@public_operation("campaigns.follow")
async def follow(visitor: Visitor, command: FollowCampaignLink) -> TargetView:
    """Record the click and say where it leads; a link that is not ours leads to our own front page."""
    home = TargetView(location=resources().settings.public_url)
    link = Link.parse(resources().peppers["campaign_link"], command.token)
    if link is None:
        return home
    may_write = not command.is_probe and not visits.is_machine(visitor.user_agent) and await _may_write(visitor)
    actor = visiting.stranger_in(link.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        address = await clicks.follow(session, actor, link, may_write=may_write, now=utc_now())
    return TargetView(location=address) if address is not None else home


async def _may_write(visitor: Visitor) -> bool:
    """Count the click against its address; without Valkey nothing is written."""
    held = resources()
    bucket = keyed.digests(held.peppers["address"], "campaign-clicks", address_bucket(visitor.address))[0]
    key = Cache.key("campaign-clicks", bucket)
    try:
        return (await charge(held.cache, key, CLICKS_PER_HOUR, window_seconds=3600)).admitted
    except CacheError:
        return False
