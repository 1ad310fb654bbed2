"""Settings: what a tenant says of itself, and how its pages look."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import colours
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import industry, rebuild
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.tenants import records
from models import Tenant

RECOUNT: Final = "recount"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator chooses for the tenant; `accent` is the brand's colour, None the product's own."""

    name: str
    industry: str | None
    timezone: str
    currency: str
    accent: str | None


async def change(session: AsyncSession, actor: Actor, fields: Mapping[str, Any]) -> Tenant:
    """Change what differs, and write down what it was before; `fields` are those of `Settings`, some or all.

    Another time zone makes other days: what is counted by day, week or month is counted again, in a job after the
    commit. Raises `InputInvalid` by field.
    """
    tenant = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update())).one()
    known = {field.name: getattr(tenant, field.name) for field in dataclasses.fields(Settings)}
    values = _checked(tenant, Settings(**{**known, **fields}))
    changed = {name: value for name, value in values.items() if getattr(tenant, name) != value}
    if not changed:
        return tenant
    detail = {"changed": {name: [getattr(tenant, name), value] for name, value in changed.items()}}
    for name, value in changed.items():
        setattr(tenant, name, value)
    session.add(tenant)
    await session.flush()
    if "timezone" in changed:
        await queue.enqueue(session, actor, rebuild.TASK, lock=RECOUNT, once=RECOUNT)
    await audit.record(session, actor, action="tenants.settings_changed", subject=f"tenant:{tenant.id}", detail=detail)
    return tenant


async def is_recounting(session: AsyncSession, actor: Actor) -> bool:
    """Say whether the days of another time zone are still being counted."""
    return await queue.is_open(session, actor, RECOUNT, with_begun=True)


def _checked(tenant: Tenant, wanted: Settings) -> dict[str, Any]:
    wrong = records.unknown(wanted.timezone, wanted.currency)
    name = industry.normal(wanted.industry)
    if name is None and tenant.shares_standing:
        wrong["industry"] = "You take part in your industry's comparison: name it, or leave the comparison first"
    if wanted.accent is not None and not colours.HEX.fullmatch(wanted.accent):
        wrong["accent"] = "Write the colour as # and six of 0-9 and a-f"
    if wrong:
        raise InputInvalid(wrong)
    return {
        "name": wanted.name,
        "industry": name,
        "timezone": wanted.timezone,
        "currency": wanted.currency,
        "accent": wanted.accent,
    }
