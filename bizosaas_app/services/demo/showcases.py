"""The demo's showcases: one of a client and one of a whole company, written and published as people would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.demo.cast import Company
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios import generation, publishing, showcases
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from bizosaas_app.services.gamification.portfolios.generation import Owner, Wish
from bizosaas_app.services.gamification.portfolios.showcases import Change
from bizosaas_app.services.gamification.portfolios.writing import Template
from models import ShowcasePortfolio

_NAMESPACE: Final = UUID("1c1f7f5e-93a3-4d0a-8f0b-3c8a1f1f6b40")


@dataclass(frozen=True, slots=True)
class _Scene:
    """A showcase of the demo: whose, over how many days, and what the client says of it."""

    company: str
    mailbox: str
    template: Template
    days: int
    title: str
    is_for_team: bool = False
    quote: str = ""


_SCENES: Final = (
    _Scene(
        "acme-corp",
        "client",
        "case_study",
        30,
        "Steady work that friends recommend",
        quote="I always knew what to do next, and could see what it brought.",
    ),
    _Scene("acme-corp", "admin", "before_after", 45, "How Acme keeps its team moving", is_for_team=True),
)


async def ensure(actor: Actor, company: Company, people: Mapping[str, UUID], now: datetime) -> None:
    """Write the company's showcases that are not there yet; `people` are its members by e-mail."""
    for scene in _SCENES:
        email = f"{scene.mailbox}@{company.domain}"
        if scene.company == company.slug and email in people:
            async with unit_of_work(actor) as session:
                await _write(session, actor, scene, company, owner_id=people[email], now=now)


async def _write(
    session: AsyncSession, actor: Actor, scene: _Scene, company: Company, *, owner_id: UUID, now: datetime
) -> None:
    portfolio_id = uuid5(_NAMESPACE, f"{company.slug}/{scene.mailbox}")
    if (await session.exec(select(ShowcasePortfolio.id).where(ShowcasePortfolio.id == portfolio_id))).one_or_none():
        return
    yesterday = now.astimezone(zone(company.timezone)).date() - timedelta(days=1)
    stretch = Stretch(yesterday - timedelta(days=scene.days - 1), yesterday)
    wish = Wish(scene.template, stretch, scene.title, is_to_publish=True)
    await publishing.make_ready(session, actor, owner_id)
    row = await generation.begin(
        session, actor, wish, Owner(owner_id, scene.is_for_team), now=now, portfolio_id=portfolio_id
    )
    brief = generation.choose(row, *await generation.collect(session, row, now))
    if isinstance(brief, str):
        await generation.fail(session, row, brief, now=now)
        return
    composer = Composer()
    draft = await composer.write(brief)
    await generation.complete(session, row, draft, brief, engine=composer.engine, as_of=now, is_titled=True, now=now)
    if scene.quote:
        words = Change(quote={"text": scene.quote, "author": company.client_name}, has_quote=True)
        await showcases.change(session, actor, row.id, words, now=now)
        row.consents = {**row.consents, "quote": True}
    await publishing.publish(session, actor, row, now=now)
