"""The demo's showcases, written and published as people would: of clients and of a whole company, in every state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.demo.cast import Company
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios import generation, publishing, showcases, visits
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from bizosaas_app.services.gamification.portfolios.generation import Owner, Wish
from bizosaas_app.services.gamification.portfolios.showcases import Change
from bizosaas_app.services.gamification.portfolios.writing import Template
from models import ShowcasePortfolio

_NAMESPACE: Final = UUID("1c1f7f5e-93a3-4d0a-8f0b-3c8a1f1f6b40")


@dataclass(frozen=True, slots=True)
class _Scene:
    """A showcase of the demo: whose, over how many days, and what the client says of it.

    `visits` are those that its page had, over the last days; one without is a draft. `name` tells several of one
    person apart.
    """

    company: str
    mailbox: str
    template: Template
    days: int
    title: str
    is_for_team: bool = False
    quote: str = ""
    visits: int = 0
    ends_days_ago: int = 1
    name: str = ""


_VISIT_DAYS: Final = 14
_SHARED: Final = 3
"""Each third visit comes by a shared link."""
_SCENES: Final = (
    _Scene(
        "acme-corp",
        "client",
        "case_study",
        30,
        "Steady work that friends recommend",
        quote="I always knew what to do next, and could see what it brought.",
        visits=42,
    ),
    _Scene("acme-corp", "admin", "before_after", 45, "How Acme keeps its team moving", is_for_team=True, visits=67),
    _Scene("acme-corp", "client", "before_after", 30, "What a second month changed", name="second-month"),
    _Scene("acme-corp", "client", "case_study", 30, "The year before", ends_days_ago=400, name="year-before"),
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
    portfolio_id = uuid5(_NAMESPACE, "/".join(filter(None, (company.slug, scene.mailbox, scene.name))))
    if (await session.exec(select(ShowcasePortfolio.id).where(ShowcasePortfolio.id == portfolio_id))).one_or_none():
        return
    today = now.astimezone(zone(company.timezone)).date()
    last = today - timedelta(days=scene.ends_days_ago)
    stretch = Stretch(last - timedelta(days=scene.days - 1), last)
    wish = Wish(scene.template, stretch, scene.title, is_to_publish=scene.visits > 0)
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
    if scene.visits:
        await publishing.publish(session, actor, row, now=now)
        await _visit(session, actor, row, scene, today=today, now=now)


async def _visit(
    session: AsyncSession, actor: Actor, row: ShowcasePortfolio, scene: _Scene, *, today: date, now: datetime
) -> None:
    """Count the visits of the last days; now and then one leads on by the owner's code."""
    for number in range(scene.visits):
        day, is_shared = today - timedelta(days=number % _VISIT_DAYS), number % _SHARED == 0
        await visits.count(session, actor, row.id, day=day, now=now, is_shared=is_shared)
        if number % (4 * _SHARED) == 0:
            await visits.count_referral_click(session, actor, row.slug, day=day, now=now)
