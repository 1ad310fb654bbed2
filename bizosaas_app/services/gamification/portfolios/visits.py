"""Visits: how often a public page is seen, by day and without a trace of who saw it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from ua_parser import parse_device

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.portfolios import news
from models import ShowcasePortfolio

_COUNT: Final = text("""
INSERT INTO portfolio_metrics AS m
    (tenant_id, portfolio_id, day, views, visitors, shares, referral_clicks, updated_at)
VALUES (:tenant_id, :portfolio_id, :day, :visits, :visits, :shares, :referral_clicks, :now)
ON CONFLICT (tenant_id, portfolio_id, day)
DO UPDATE SET views = m.views + excluded.views, visitors = m.visitors + excluded.visitors,
    shares = m.shares + excluded.shares, referral_clicks = m.referral_clicks + excluded.referral_clicks,
    updated_at = excluded.updated_at
""")

_MACHINE: Final = re.compile(
    r"bot(?=[/\-;)]|$)|crawl|spider|slurp|preview|facebookexternalhit|embed|https?://", re.IGNORECASE
)
"""How crawlers and makers of link previews call themselves; most give the address of their description."""


def is_machine(user_agent: str) -> bool:
    """Say whether the visitor calls itself a program that reads pages for itself, or says nothing at all."""
    if not user_agent.strip() or _MACHINE.search(user_agent):
        return True
    device = parse_device(user_agent)
    return device is not None and device.family == "Spider"


async def count(
    session: AsyncSession, actor: Actor, portfolio_id: UUID, *, day: date, now: datetime, is_shared: bool
) -> None:
    """Count one visitor of this day; `is_shared` says that a link of the share buttons brought them."""
    await _add(session, actor, portfolio_id, day, now, visits=1, shares=int(is_shared))


async def count_referral_click(session: AsyncSession, actor: Actor, slug: str, *, day: date, now: datetime) -> None:
    """Count a click on the owner's referral code that a published showcase of the tenant brought."""
    query = select(ShowcasePortfolio.id).where(ShowcasePortfolio.slug == slug, ShowcasePortfolio.status == "published")
    portfolio_id = (await session.exec(query)).one_or_none()
    if portfolio_id is not None:
        await _add(session, actor, portfolio_id, day, now, referral_clicks=1)


async def _add(
    session: AsyncSession,
    actor: Actor,
    portfolio_id: UUID,
    day: date,
    now: datetime,
    *,
    visits: int = 0,
    shares: int = 0,
    referral_clicks: int = 0,
) -> None:
    values = {"tenant_id": actor.tenant_id, "portfolio_id": portfolio_id, "day": day, "now": now}
    counts = {"visits": visits, "shares": shares, "referral_clicks": referral_clicks}
    await session.execute(_COUNT, values | counts)
    await news.tell(session, actor, portfolio_id)
