"""Visits: how often a public page is seen, by day and without a trace of who saw it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from ua_parser import parse_device

from bizosaas_app.kernel.actor import Actor

_COUNT: Final = text("""
INSERT INTO portfolio_metrics AS m
    (tenant_id, portfolio_id, day, views, visitors, shares, referral_clicks, updated_at)
VALUES (:tenant_id, :portfolio_id, :day, 1, 1, 0, 0, :now)
ON CONFLICT (tenant_id, portfolio_id, day)
DO UPDATE SET views = m.views + 1, visitors = m.visitors + 1, updated_at = excluded.updated_at
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


async def count(session: AsyncSession, actor: Actor, portfolio_id: UUID, *, day: date, now: datetime) -> None:
    """Count one visitor of this day."""
    values = {"tenant_id": actor.tenant_id, "portfolio_id": portfolio_id, "day": day, "now": now}
    await session.execute(_COUNT, values)
