"""What the demo's agency has launched: a campaign that is paused before its start, and products, some published."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.campaigns import launching, steering, wishes
from bizosaas_app.services.campaigns.audiences import Audience
from bizosaas_app.services.campaigns.contents import Content
from bizosaas_app.services.campaigns.wishes import ChannelWish, Timing
from bizosaas_app.services.demo.cast import Company
from bizosaas_app.services.sourcing import deliveries, files, imports, publishing
from bizosaas_app.services.sourcing.pricing import Rule, Tier
from models import Campaign, Product, Sourcing

AGENCY: Final = "acme-corp"
_NAMESPACE: Final = UUID("4b8d0a52-7f0e-4c6c-9f43-0d7a5c6b1e90")
_STARTS: Final = timedelta(days=7)
_FILE: Final = "spring-suppliers.csv"
_OFFERS: Final = b"""\
sku,name,category,supplier,currency,unit_price,freight,order_fees,duty_rate,minimum_order,lead_time_days,on_time_rate
MUG-WHITE,"Mug, white",Kitchen,Porcel Ltd,EUR,3.80,0.35,120,12,200,21,96
MUG-WHITE,"Mug, white",Kitchen,Clayworks,EUR,4.10,0.10,40,0,50,7,99
BOTTLE-STEEL,"Bottle, steel",Outdoors,Nordic Steel,EUR,6.40,0.50,90,2.7,100,14,92
BAG-COTTON,"Bag, cotton",Carry,Weavers,EUR,1.95,0.12,60,12,500,28,88
NOTEBOOK-A5,"Notebook, A5",Paper,Folio,EUR,2.20,0.08,35,0,100,10,97
"""
_PUBLISHED: Final = ("BAG-COTTON", "MUG-WHITE", "NOTEBOOK-A5")
_RULE: Final = Rule(
    (Tier(Decimal(0), Decimal(90)), Tier(Decimal(5), Decimal(60))), Decimal(1), Decimal(15), Decimal("0.99")
)


async def ensure(actor: Actor, company: Company, now: datetime) -> None:
    """Write what the agency has launched and is not there yet; what became of it since stays as it is."""
    if company.slug != AGENCY:
        return
    async with unit_of_work(actor) as session:
        await _launch(session, actor, now)
    async with unit_of_work(actor) as session:
        await _publish(session, actor, now)


async def _launch(session: AsyncSession, actor: Actor, now: datetime) -> None:
    draft_id = uuid5(_NAMESPACE, f"{AGENCY}/campaign")
    if (await session.exec(select(Campaign.id).where(Campaign.draft_id == draft_id))).one_or_none() is not None:
        return
    content = Content(subject="Spring at Acme", text="Hello {first_name}, the first ones to share get the new mug.")
    wish = wishes.Wish(
        name="Spring news",
        goal="Bring members back after the winter",
        audience=Audience(roles=("user",)),
        channels=[ChannelWish("notice", content, Decimal("250.00"))],
        timing=Timing(starts_at=now + _STARTS),
        budget=Decimal("250.00"),
    )
    made = await launching.launch(session, actor, wish, draft_id=draft_id, now=now)
    await steering.pause(session, actor, made.campaign.id, now=now)


async def _publish(session: AsyncSession, actor: Actor, now: datetime) -> None:
    """Import the suppliers' file and put some of its products into the catalogue, where no shop is asked for them."""
    draft_id = uuid5(_NAMESPACE, f"{AGENCY}/sourcing")
    if (await session.exec(select(Sourcing.id).where(Sourcing.draft_id == draft_id))).one_or_none() is not None:
        return
    await imports.apply(session, actor, files.read(_OFFERS), file_name=_FILE, content=_OFFERS, now=now)
    found = (await session.exec(select(Product.sku, Product.id))).all()
    listings = [publishing.Listing(product_id=product_id) for sku, product_id in found if sku in _PUBLISHED]
    wish = publishing.Wish("Spring sourcing", 200, _RULE, listings, {}, "cif")
    await publishing.launch(session, actor, wish, draft_id=draft_id, now=now)
    claims = await deliveries.claim(session, "catalogue", limit=len(listings), now=now)
    await deliveries.put_in_catalogue(session, actor, claims, now=now)
