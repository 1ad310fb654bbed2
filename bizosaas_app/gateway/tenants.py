"""Operations on the tenant itself: its settings, its look, and its use of the API."""

from __future__ import annotations

from datetime import timedelta

from bizosaas_app.gateway.accents import accent_of
from bizosaas_app.gateway.contracts.tenants import (
    AccentView,
    ChangeSettings,
    PreviewAccent,
    ReadSettings,
    ReadUsage,
    SettingsView,
    UsageView,
)
from bizosaas_app.gateway.limits import quota
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.tenants import palettes, records, settings
from models import Tenant

MANAGE = "manage_settings"


@operation("tenants.read_settings", permission=MANAGE)
async def read_settings(actor: Actor, command: ReadSettings) -> SettingsView:  # noqa: ARG001  # no parameters
    """Give the tenant's settings."""
    async with unit_of_work(actor) as session:
        tenant = await records.get_tenant(session, actor.tenant_id)
        return _view(tenant, is_recounting=await settings.is_recounting(session, actor))


@operation("tenants.change_settings", permission=MANAGE)
async def change_settings(actor: Actor, command: ChangeSettings) -> SettingsView:
    """Change them, for everybody from their next page on; raises `InputInvalid` by field."""
    async with unit_of_work(actor) as session:
        tenant = await settings.change(session, actor, command.model_dump(exclude_unset=True))
        return _view(tenant, is_recounting=await settings.is_recounting(session, actor))


@operation("tenants.preview_accent", permission=MANAGE)
async def preview_accent(actor: Actor, command: PreviewAccent) -> AccentView:  # noqa: ARG001  # the same for all
    """Show what becomes of a colour in both themes."""
    return accent_of(command.accent)


@operation("tenants.read_usage", permission=MANAGE)
async def read_usage(actor: Actor, command: ReadUsage) -> UsageView:  # noqa: ARG001  # no parameters
    """Give how much of the tenant's hourly quota of HTTP requests is used."""
    now, limit = utc_now(), resources().settings.rate_limit_per_hour
    found = await quota.look(resources().cache, quota.own_key(actor.tenant_id))
    first, last = found.next_free_seconds, found.all_free_seconds
    return UsageView(
        limit=limit,
        used=found.used,
        remaining=max(0, limit - found.used),
        next_free_at=None if first is None else now + timedelta(seconds=first),
        all_free_at=None if last is None else now + timedelta(seconds=last),
        as_of=now,
    )


def _view(tenant: Tenant, *, is_recounting: bool) -> SettingsView:
    return SettingsView(
        name=tenant.name,
        slug=tenant.slug,
        industry=tenant.industry,
        timezone=tenant.timezone,
        currency=tenant.currency,
        accent=tenant.accent,
        shades=accent_of(tenant.accent or palettes.STANDARD),
        is_recounting=is_recounting,
    )
