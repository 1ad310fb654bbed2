"""Slugs: the public name of a showcase, one of its kind on the whole platform."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict

_LENGTH: Final = 80
"""Of the 100 characters that a slug may have; the rest is for what tells two of them apart."""
_FALLBACK: Final = "showcase"
PATTERN: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class SlugsTaken(Conflict):
    """Not one of the names that we could think of is free."""

    code = "slug_taken"
    title = "Choose another title: its address is taken"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a slug leads."""

    tenant_id: UUID
    portfolio_id: UUID


def slug_of(title: str) -> str:
    """Give the title as a part of an address: small letters and digits, parted by hyphens."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain)[:_LENGTH].strip("-") or _FALLBACK


async def claim(session: AsyncSession, actor: Actor, portfolio_id: UUID, title: str) -> str:
    """Reserve a slug for this showcase of the actor's tenant, and give it; raises `SlugsTaken`."""
    for slug in _candidates(slug_of(title), portfolio_id):
        try:
            async with session.begin_nested():
                await session.execute(
                    text("select app.claim_showcase(:slug, :tenant_id, :portfolio_id)"),
                    {"slug": slug, "tenant_id": actor.tenant_id, "portfolio_id": portfolio_id},
                )
        except IntegrityError:
            continue
        return slug
    raise SlugsTaken


async def find(session: AsyncSession, slug: str) -> Address | None:
    """Give where the slug leads, published or not, from a session of `Database.doors()`."""
    if not PATTERN.fullmatch(slug):
        return None
    row = (
        await session.execute(text("select tenant_id, portfolio_id from app.find_showcase(:slug)"), {"slug": slug})
    ).one_or_none()
    return Address(row.tenant_id, row.portfolio_id) if row else None


async def list_published(session: AsyncSession) -> Sequence[tuple[str, datetime]]:
    """List the published showcases of every tenant with their last change, from a session of `Database.doors()`."""
    rows = await session.execute(text("select slug, updated_at from app.published_showcases()"))
    return [(row.slug, row.updated_at) for row in rows]


def _candidates(slug: str, portfolio_id: UUID) -> Iterator[str]:
    # The tail of the id is random: its head is the time.
    tail = portfolio_id.hex[-12:]
    yield slug
    yield f"{slug}-{tail[-5:]}"
    yield f"{slug}-{tail}"
