"""The public side of referrals: a visitor follows a link."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.contracts.referrals import FollowLink, LandingView
from bizosaas_app.gateway.http.addresses import address_bucket
from bizosaas_app.gateway.limits.quota import charge
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.accounts.access_tokens import access_tokens
from bizosaas_app.services.gamification.fraud import keyed
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios import visits
from bizosaas_app.services.gamification.referrals import clicks, links
from bizosaas_app.services.gamification.referrals.clicks import Visit
from bizosaas_app.services.tenants import records

CLICKS_PER_HOUR: Final = 600
"""Recorded from one address: a popular creator's followers behind one carrier's address stay below it. Beyond it
people are led on, but nothing is written: a stranger must not fill our tables."""
HOUR_SECONDS: Final = 3600
_LONGEST_CODE: Final = 64


@public_operation("referrals.follow")
async def follow(visitor: Visitor, command: FollowLink) -> LandingView:
    """Record the click and say where it leads: a code that is not in use leads to our own front page."""
    home = LandingView(location=resources().settings.public_url, click_id=None)
    referral = await _find(command.code)
    if referral is None:
        return home
    visit = Visit(
        address=visitor.address,
        user_agent=visitor.user_agent,
        click_id=_as_uuid(command.click_id),
        viewer_id=await _viewer_of(command.access_token),
    )
    may_write = not command.is_probe and await _may_write(visitor.address)
    actor = visiting.stranger_in(referral.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        found = await clicks.follow(session, referral.code_id, visit, may_write=may_write, now=utc_now())
        if found is not None and found.is_new and command.showcase and not visits.is_machine(visitor.user_agent):
            await _count(session, actor, command.showcase)
    if found is None:
        return home
    click_id = str(found.click_id) if found.click_id else None
    return LandingView(location=links.landing_with(found.landing_url, click_id, found.code), click_id=click_id)


async def _count(session: AsyncSession, actor: Actor, slug: str) -> None:
    now = utc_now()
    tenant = await records.get_tenant(session, actor.tenant_id)
    await visits.count_referral_click(session, actor, slug, day=now.astimezone(zone(tenant.timezone)).date(), now=now)


async def _find(code: str) -> directory.Referral | None:
    if not 0 < len(code) <= _LONGEST_CODE or not code.isprintable() or not code.isascii():
        return None
    async with resources().database.doors() as session:
        return await directory.find_referral(session, code)


async def _viewer_of(access_token: str | None) -> UUID | None:
    """Give who is signed in, even when the token has just passed its time: nothing is opened to them here."""
    if access_token is None:
        return None
    try:
        identity = await access_tokens(resources()).verify(access_token, now=utc_now(), may_be_expired=True)
    except AppError:
        return None
    return identity.user_id


async def _may_write(address: str) -> bool:
    """Count one click of the address; False beyond the limit, or while nobody can count."""
    held = resources()
    bucket = keyed.digests(held.peppers["address"], "clicks", address_bucket(address))[0]
    try:
        decision = await charge(held.cache, Cache.key("clicks", bucket), CLICKS_PER_HOUR, window_seconds=HOUR_SECONDS)
    except CacheError:
        return False
    return decision.admitted


def _as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
