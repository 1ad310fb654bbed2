"""Public pages: reading a published showcase, counting its visitors, and listing all of them."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from bizosaas_app.gateway import portfolio_views, visiting
from bizosaas_app.gateway.contracts.showcase_pages import ListPages, PageLine, PublicPage, ReadPage
from bizosaas_app.gateway.http.addresses import address_bucket
from bizosaas_app.gateway.limits.flood import FloodGate
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached, NotFound
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios import publishing, slugs, visits

log = get_logger(__name__)

_READERS: Final = FloodGate(rate=10, burst=120)
"""Pages of one address: an office behind one address reads freely, a scraper is slowed to what we serve with ease."""
_DAY_SECONDS: Final = 86_400
NOT_HERE: Final = "There is no published showcase at this address"


@public_operation("showcase.read")
async def read_page(visitor: Visitor, command: ReadPage) -> PublicPage:
    """Give a published showcase; raises `NotFound` for anything else, `LimitReached` for a flood."""
    return (await _find(visitor, command.slug))[1]


@public_operation("showcase.visit")
async def visit_page(visitor: Visitor, command: ReadPage) -> PublicPage:
    """Give a published showcase as `showcase.read` does, and count the visitor: once a day, and no machine."""
    actor, page = await _find(visitor, command.slug)
    if not visits.is_machine(visitor.user_agent):
        await _count(actor, visitor, page, is_shared=command.is_shared)
    return page


@public_operation("showcase.sitemap")
async def list_pages(visitor: Visitor, command: ListPages) -> list[PageLine]:  # noqa: ARG001  # no parameters
    """List every published showcase of the platform."""
    _admit(visitor)
    async with resources().database.doors() as session:
        found = await slugs.list_published(session)
    return [PageLine(url=portfolio_views.url_of(slug), updated_at=updated_at) for slug, updated_at in found]


async def _find(visitor: Visitor, slug: str) -> tuple[Actor, PublicPage]:
    _admit(visitor)
    async with resources().database.doors() as session:
        address = await slugs.find(session, slug)
    if address is None:
        raise NotFound(NOT_HERE)
    actor = visiting.stranger_in(address.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        found = await publishing.find_public(session, address.portfolio_id)
    if found is None:
        raise NotFound(NOT_HERE)
    return actor, portfolio_views.public_page(found)


async def _count(actor: Actor, visitor: Visitor, page: PublicPage, *, is_shared: bool) -> None:
    """Count the visitor on the tenant's day. A page without its count is better than none: Valkey may be away."""
    now = utc_now()
    day = now.astimezone(zone(page.timezone)).date()
    try:
        is_first = await _is_first(actor, visitor, page.portfolio_id, day)
    except CacheError:
        log.warning("a visitor of a showcase was not counted")
        return
    if is_first:
        async with unit_of_work(actor) as session:
            await visits.count(session, actor, page.portfolio_id, day=day, now=now, is_shared=is_shared)


async def _is_first(actor: Actor, visitor: Visitor, portfolio_id: UUID, day: date) -> bool:
    """Say whether this visitor has not been here today. Kept is a keyed digest, for a day: no address, no agent."""
    held = resources()
    text = f"visit/{portfolio_id}/{day}/{address_bucket(visitor.address)}/{visitor.user_agent}"
    digest = held.peppers["address"].mac(text.encode()).digest.hex()[:32]
    key = Cache.key(actor.tenant_id, "showcase-visit", digest)
    return bool(await held.cache.client.set(key, "1", nx=True, ex=_DAY_SECONDS))


def _admit(visitor: Visitor) -> None:
    if not _READERS.admit(address_bucket(visitor.address)):
        raise LimitReached("Too many pages at once; please wait a moment", resets_in_seconds=1)
