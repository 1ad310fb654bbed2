"""Opening a tenant: its row, what every tenant begins with, and the invitation of its first administrator."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.accounts import registration
from bizosaas_app.services.gamification import boards, industry
from bizosaas_app.services.gamification.achievements import defaults
from bizosaas_app.services.gamification.referrals import programs
from bizosaas_app.services.tenants import records
from models import Tenant

LONGEST_SLUG: Final = 63
_BETWEEN: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is known of a new tenant."""

    name: str
    slug: str
    admin_email: str
    timezone: str
    currency: str
    industry: str | None = None


async def open_tenant(
    session: AsyncSession, actor: Actor, opening: Opening, *, landing_url: str, now: datetime
) -> Tenant:
    """Write the tenant whose id the actor (`Actor.system(new_id())`) carries, ready for its people.

    Raises `SlugTaken`, or `InputInvalid`.
    """
    tenant = await records.create_tenant(
        session,
        actor,
        slug=opening.slug,
        name=opening.name,
        timezone=opening.timezone,
        currency=opening.currency,
        now=now,
    )
    if opening.industry:
        await industry.change(session, actor, name=opening.industry, shares=False)
    await boards.ensure_defaults(session, actor)
    await programs.ensure_defaults(session, actor, landing_url=landing_url, now=now)
    await defaults.ensure(session, actor, now=now)
    await registration.invite(session, actor, email=opening.admin_email, name="", role="tenant_admin", now=now)
    return tenant


def slug_of(name: str) -> str:
    """Give the short name that goes with a name: small letters and digits of it, with hyphens between."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return _BETWEEN.sub("-", plain).strip("-")[:LONGEST_SLUG].rstrip("-")
