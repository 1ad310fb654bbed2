"""Texts of people's own choice in a tenant's stored data, wherever a tool of an agent reads one."""

from __future__ import annotations

import psycopg

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification.achievements import defaults
from models import ShowcasePortfolio
from tests.support.awards import Hall, count
from tests.support.boards import Arena
from tests.support.referrals import open_shop
from tests.support.showcases import figures, period
from tests.support.world import CAST

SCORED = 20
"""Points with which the administrator has unlocked one achievement and stands right before the other."""


async def hide(arena: Arena, slug: str, text: str) -> None:
    """Name things in a tenant with this text: a programme, achievements, and the administrator's showcase."""
    await open_shop(arena.world, slug, CAST[slug][1], name=text)
    hall, actor = Hall(arena), arena.world.system(slug)
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await defaults.ensure(session, actor, now=utc_now())  # else the first look at the shelf would
    nearest = {"event": "task.completed", "aggregate": "sum", "threshold": SCORED + 1}
    for key, trigger in {"begun": count(threshold=1), "nearest": nearest}.items():
        await hall.define(key, trigger, slug=slug, name=text, description=text)
    await _show(arena, slug, text)


def rename(url: str, arena: Arena, names: dict[str, str]) -> None:
    """Give members names of their own choice."""
    with psycopg.connect(url) as connection:
        for email, name in names.items():
            connection.execute("UPDATE users SET name = %s WHERE id = %s", (name, arena.person(email)))


async def _show(arena: Arena, slug: str, text: str) -> None:
    """Write a showcase whose title, texts and quote are this text."""
    actor, stretch = arena.world.system(slug), period()
    row = ShowcasePortfolio(
        tenant_id=actor.tenant_id,
        id=new_id(),
        owner_user_id=arena.person(CAST[slug][0]),
        scope="tenant",
        template="case_study",
        slug=f"named-by-{slug}",
        title=text,
        sections=[{"key": "outcome", "text": text, "by": "person"}],
        figures=[figure.dump() for figure in figures()],
        consents={"client_name": True, "figures": True, "quote": True},
        quote={"text": text, "author": text},
        shared_texts={"linkedin": text, "seo_description": text},
        period_from=stretch.begins,
        period_to=stretch.ends,
    )
    async with arena.world.resources.database.unit_of_work(actor) as session:
        session.add(row)
