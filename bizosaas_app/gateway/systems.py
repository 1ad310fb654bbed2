"""Operations that read the connected systems for the platform itself: contacts and deals, pages, products."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway.contracts.base import CountedPage
from bizosaas_app.gateway.contracts.systems import (
    CmsPage,
    Contact,
    Deal,
    ListContacts,
    ListDeals,
    ListPages,
    ListProducts,
    ListVariants,
    ShopProduct,
    ShopVariant,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.gateway.upstreams.clients import cms, crm, shop
from bizosaas_app.kernel.actor import Actor

VIEW: Final = "view_systems"


@operation("systems.list_contacts", permission=VIEW)
async def list_contacts(actor: Actor, command: ListContacts) -> CountedPage[Contact]:
    """Give a page of the CRM's contacts; raises `InputInvalid`, `Unavailable` or `UpstreamFailed`."""
    return await crm.contacts(actor, command)


@operation("systems.list_deals", permission=VIEW)
async def list_deals(actor: Actor, command: ListDeals) -> CountedPage[Deal]:
    """Give a page of the CRM's deals; raises `InputInvalid`, `Unavailable` or `UpstreamFailed`."""
    return await crm.deals(actor, command)


@operation("systems.list_pages", permission=VIEW)
async def list_pages(actor: Actor, command: ListPages) -> CountedPage[CmsPage]:
    """Give a part of the CMS's published pages; raises `InputInvalid`, `Unavailable` or `UpstreamFailed`."""
    return await cms.pages(actor, command)


@operation("systems.list_products", permission=VIEW)
async def list_products(actor: Actor, command: ListProducts) -> CountedPage[ShopProduct]:
    """Give a page of the shop's products; raises `Unavailable` or `UpstreamFailed`."""
    return await shop.products(actor, command)


@operation("systems.list_variants", permission=VIEW)
async def list_variants(actor: Actor, command: ListVariants) -> CountedPage[ShopVariant]:
    """Give a page of what the shop keeps stock of, with its costs; raises `Unavailable` or `UpstreamFailed`."""
    return await shop.variants(actor, command)
